import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeNpy } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { nodeRuntime } from "@voxplain/runtime-node";
import { explainCohort, groupMaps, openCohort, openModel, plan, predictCohort } from "@voxplain/study";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("fixtures/maps-slices", import.meta.url));
const runtime = nodeRuntime({ executionProvider: "cpu" });
const expected = (name: string) => decodeNpy(readFileSync(join(folder, "expected", name)), name);

function relativeDistance(values: ArrayLike<number>, reference: ArrayLike<number | bigint>): number {
  let [distance, norm] = [0, 0];
  for (let k = 0; k < reference.length; k++) {
    distance += ((values[k] ?? Number.NaN) - Number(reference[k])) ** 2;
    norm += Number(reference[k]) ** 2;
  }
  return Math.sqrt(distance / norm);
}

const open = async (diagnoses?: readonly string[]) => ({
  model: await openModel(directory(join(folder, "model"))),
  cohort: await openCohort({
    caps: directory(join(folder, "caps")),
    labels: { source: directory(join(folder, "labels")), below: "test.tsv" },
    diagnoses,
  }),
});

describe("a MAPS that ClinicaDL 1.6.1 trained on slices", () => {
  it("gives its logits, and the votes of its table", async () => {
    const { model, cohort } = await open();
    const [header = "", ...rows] = readFileSync(join(folder, "expected/image_level_prediction.tsv"), "utf8")
      .trim()
      .split("\n");
    expect(header.split("\t")).toEqual([
      "participant_id",
      "session_id",
      "slice_id",
      "true_label",
      "predicted_label",
      "proba0",
      "proba1",
    ]);
    const table = new Map(rows.map((row) => [row.split("\t")[0], row.split("\t").slice(3).map(Number)]));
    let count = 0;
    const planned = await plan(model, cohort, { result: "predictions" });
    for await (const { session, parts, prediction, trueLabel } of predictCohort(planned, { runtime })) {
      count++;
      const [truth, predicted, ...probabilities] = table.get(session.participantId) ?? [];
      expect([trueLabel, prediction.predictedClass]).toEqual([truth, predicted]);
      prediction.probabilities.forEach((probability, node) => {
        expect(Math.abs(probability - (probabilities[node] ?? Number.NaN))).toBeLessThan(1e-5);
      });
      if (session.participantId !== "sub-HLD001") continue;
      expect(parts.map(({ part }) => part.id)).toEqual(Array.from({ length: 12 }, (_, k) => k));
      const logits = parts.flatMap((part) => part.prediction.logits);
      expect(relativeDistance(logits, expected("outputs.npy").data)).toBeLessThan(1e-6);
    }
    expect(count).toBe(3);
  });

  it("gives the mean gradient of AD, which is node 0", async () => {
    const { model, cohort } = await open(["AD"]);
    const planned = await plan(model, cohort, { result: "mean", target: { label: "AD" } });
    const group = groupMaps(planned);
    for await (const image of explainCohort(planned, { runtime })) group.add(image);
    const reference = expected("group.npy");
    const { ofInputs, count } = group.mean();
    expect(count).toBe(2);
    expect(ofInputs?.map.dims.slice(1)).toEqual(reference.dims);
    expect(relativeDistance(ofInputs?.map.data ?? [], reference.data)).toBeLessThan(1e-6);
  });
});
