import { predictionTable, type SessionPrediction } from "@voxplain/study";
import { expect, it } from "vitest";

const prediction = { probabilities: [0.25, 0.75], predictedClass: 1, logits: [0, 1] };

function of(name: string, known: Partial<SessionPrediction> = {}): SessionPrediction {
  const session = { name, participantId: "", sessionId: "", diagnosis: "", row: {}, cohort: "single" };
  return { session, trueLabel: undefined, prediction, warnings: [], parts: [], ...known };
}

it("names images in files of their own, and the class that a map explains where there is one", () => {
  const { columns, rows } = predictionTable([of("a.nii"), of("b.nii", { explained: 0, delta: 0.5 })]);
  expect(columns).toEqual([
    ...["image", "explained_class", "predicted_class", "logit0", "logit1", "proba0", "proba1"],
    "completeness_delta",
  ]);
  expect(rows.map((row) => columns.map((column) => row[column]))).toEqual([
    ["a.nii", undefined, 1, 0, 1, 0.25, 0.75, undefined],
    ["b.nii", 0, 1, 0, 1, 0.25, 0.75, 0.5],
  ]);
});

it("names the sessions of a CAPS by participant and session, with their diagnoses", () => {
  const { session } = of("sub-01 ses-M00");
  const ofCaps = { session: { ...session, participantId: "sub-01", sessionId: "ses-M00" }, trueLabel: 1 };
  const { columns } = predictionTable([of("sub-01 ses-M00", ofCaps)]);
  expect(columns.slice(0, 4)).toEqual(["participant_id", "session_id", "true_label", "predicted_label"]);
});
