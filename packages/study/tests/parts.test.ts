import { nodeRuntime } from "@voxplain/runtime-node";
import {
  explainCohort,
  groupMaps,
  openCohort,
  openModel,
  plan,
  predictCohort,
  type Request,
} from "@voxplain/study";
import { describe, expect, it } from "vitest";
import {
  affine,
  patches,
  shape,
  type ToyModel,
  toyCaps,
  toyLabels,
  toyModel,
  weightsOf,
} from "./toy-study.ts";

const runtime = nodeRuntime({ executionProvider: "cpu" });

async function planOf(toy: ToyModel, request: Request = {}) {
  const model = await openModel(await toyModel(toy));
  const cohort = await openCohort({
    caps: await toyCaps([{}, {}]),
    labels: await toyLabels({ AD: [1, 2] }),
    diagnoses: ["AD"],
  });
  return plan(model, cohort, { voting: "uniform", target: 1, ...request });
}

/** The map of an image whose patch k has the weights of network k: [X, Y, Z], row-major. */
function recomposed(networkOf: (patch: number) => number): number[] {
  const [nx, ny, nz] = shape;
  const map: number[] = [];
  for (let x = 0; x < nx; x++)
    for (let y = 0; y < ny; y++)
      for (let z = 0; z < nz; z++) {
        const patch = (x >> 1) * 2 + (y >> 1);
        map.push(weightsOf(8, networkOf(patch))[(x % 2) * 4 + (y % 2) * 2 + z] ?? Number.NaN);
      }
  return map;
}

describe("the map of an image whose parts one network sees", () => {
  it("has each part's map where the part is in the image; the mean over the parts is beside it", async () => {
    for await (const image of explainCohort(await planOf(patches), { runtime })) {
      expect(image.parts.map(({ part }) => part.name)).toEqual(["patch-0", "patch-1", "patch-2", "patch-3"]);
      expect(image.map.dims).toEqual([1, ...shape]);
      expect([...image.map.data]).toEqual(recomposed(() => 0));
      expect(image.affine).toEqual(affine);
      expect([...(image.maps().ofInputs?.map.data ?? [])]).toEqual([...weightsOf(8)]);
      expect(new Set(image.maps().recomposed?.coverage.data)).toEqual(new Set([1]));
    }
  });

  it("predicts by the vote of the parts, which has no logits", async () => {
    for await (const { prediction, parts } of predictCohort(await planOf(patches), { runtime })) {
      const mean = parts.reduce(
        (sum, part) => sum + (part.prediction.probabilities[1] ?? 0) / parts.length,
        0,
      );
      expect(prediction.probabilities[1]).toBeCloseTo(mean, 12);
      expect(prediction.logits).toBeUndefined();
    }
  });

  it("explains the class that the parts vote for, in each of them", async () => {
    for await (const { target, prediction } of explainCohort(await planOf(patches, { target: "predicted" }), {
      runtime,
    })) {
      expect(target).toBe(prediction.predictedClass);
    }
  });
});

describe("the map of an image whose parts have a network each", () => {
  const each = { ...patches, networks: 4 };

  it.each([1, "predicted"] as const)(
    "has each part's map from its own network (target %s)",
    async (target) => {
      let count = 0;
      for await (const image of explainCohort(await planOf(each, { target }), { runtime })) {
        count++;
        const weights = recomposed((patch) => patch);
        expect([...image.map.data]).toEqual(image.target === 1 ? weights : weights.map(() => 0));
        expect(image.target).toBe(target === 1 ? 1 : image.prediction.predictedClass);
      }
      expect(count).toBe(2);
    },
  );

  it("is averaged over images where it is in the image", async () => {
    const job = await planOf(each, { result: "mean" });
    const group = groupMaps(job);
    for await (const image of explainCohort(job, { runtime })) group.add(image);
    const { recomposed: whole, affine: found } = group.mean();
    expect([...(whole?.map.data ?? [])]).toEqual(recomposed((patch) => patch));
    expect(new Set(whole?.coverage.data)).toEqual(new Set([2]));
    expect(found).toEqual(affine);
  });
});
