import { VoxplainError } from "@voxplain/core";
import { cohortTables, type Model, type SessionPrediction } from "@voxplain/study";
import { describe, expect, it } from "vitest";

const session = (participantId: string) => ({
  ...{
    participantId,
    sessionId: "ses-M00",
    cohort: "single",
    diagnosis: "AD",
    name: `${participantId} ses-M00`,
  },
  row: { participant_id: participantId, session_id: "ses-M00", cohort: "ours", age: "70" },
});
const [first, second] = [session("sub-01"), session("sub-02")];
const prediction = { probabilities: [0.25, 0.75], predictedClass: 1, logits: [0, 1] };
const predicted: SessionPrediction = { session: first, trueLabel: 1, prediction, warnings: [], parts: [] };
const task = {
  columns: ["participant_id", "session_id", "cohort", "age"],
  sessions: [first, second],
};
const plan = (mode: string) => ({ model: { parts: { mode } } as Model });

describe("the tables of a task", () => {
  const results = { predictions: [predicted], failures: [], used: [first] };

  it("are those of the sessions and of the predictions; of parts, theirs too", () => {
    expect(Object.keys(cohortTables(plan("image"), task, results))).toEqual(["data.tsv", "predictions.tsv"]);
    expect(Object.keys(cohortTables(plan("patch"), task, results))).toEqual([
      "data.tsv",
      "predictions.tsv",
      "patch_predictions.tsv",
    ]);
  });

  it("repeat the label list with the name of the cohort as the last column", () => {
    const { "data.tsv": data } = cohortTables(plan("image"), task, results);
    expect(data?.columns).toEqual(["participant_id", "session_id", "age", "cohort"]);
    expect(data?.rows).toEqual([
      { participant_id: "sub-01", session_id: "ses-M00", age: "70", cohort: "single" },
    ]);
  });

  it("say of each session that failed why, as a sentence and as fields", () => {
    const error = new VoxplainError("not-found", "there is no image", { file: "caps", hint: "look there" });
    const failed = { ...results, failures: [{ session: second, error }] };
    const { "errors.tsv": errors } = cohortTables(plan("image"), task, failed);
    expect(errors?.rows).toEqual([
      {
        ...{ participant_id: "sub-02", session_id: "ses-M00", cohort: "single", error: "not-found" },
        ...{ reason: "caps: there is no image; look there", file: "caps", hint: "look there" },
        ...{ expected: undefined, found: undefined },
      },
    ]);
  });
});
