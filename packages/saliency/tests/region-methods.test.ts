import { tensor } from "@voxplain/core";
import { kernelShap, type OcclusionOptions, occlusion, regionOcclusion } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { cubicModel, linearModel, someInputs } from "./toy-models.ts";

const dims = [1, 4, 3, 5];
const input = someInputs(2, dims);
const weights = Array.from({ length: 60 }, (_, k) => ((k * 7) % 11) - 5);
/** Each of the 60 voxels' label: 0 to 14. */
const labels = tensor(
  "uint8",
  [4, 3, 5],
  Uint8Array.from({ length: 60 }, (_, k) => (k * 3) % 15),
);
const distinct = new Set(labels.data).size - 1;

/** Σ of weight · x over the voxels with a label. */
function share(label: number, n: number): number {
  return weights.reduce((sum, w, k) => sum + (labels.data[k] === label ? w * input.data[n * 60 + k]! : 0), 0);
}

describe("kernelShap", () => {
  it.each([distinct * 2, 100])(
    "gives each region its share of a linear model with %d samples",
    async (samples) => {
      const { map } = await kernelShap({ regions: labels, samples })(linearModel(dims, weights), input, 1);
      expect(map.dims).toEqual([2, 1, 4, 3, 5]);
      for (let n = 0; n < 2; n++) {
        for (let k = 0; k < 60; k++) {
          const label = labels.data[k]!;
          // Logits in float32.
          expect(map.data[n * 60 + k]).toBeCloseTo(label === 0 ? 0 : share(label, n), 4);
        }
      }
    },
  );

  it.each([8, 20, 60])("adds up to the whole difference with %d samples", async (samples) => {
    const cells = 4;
    const { map, logits } = await kernelShap({ regions: [2, 3, 3], samples })(cubicModel(dims), input, 1);
    // One voxel of each of the 2 × 1 × 2 cells.
    const values = [0, 3, 30, 33].map((k) => map.data[k]!);
    expect(new Set(values).size).toBe(cells);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(logits.data[1]!, 5);
  });

  it("shares the whole difference out to one region", async () => {
    const { map, logits } = await kernelShap({ regions: 5, samples: 1 })(cubicModel(dims), input, 1);
    expect(map.data.slice(0, 60).every((value) => value === logits.data[1])).toBe(true);
  });

  it("says how many samples it needs", async () => {
    await expect(kernelShap({ regions: 1, samples: 100 })(cubicModel(dims), input, 1)).rejects.toThrow(
      "too few samples for 60 regions: expected at least 120, found 100",
    );
  });
});

describe("regionOcclusion", () => {
  it("gives each voxel of a region the drop of the logit", async () => {
    const { map } = await regionOcclusion({ regions: labels, baseline: 0 })(
      linearModel(dims, weights),
      input,
      1,
    );
    for (let k = 0; k < 60; k++) {
      const label = labels.data[k]!;
      expect(map.data[60 + k]).toBeCloseTo(label === 0 ? 0 : share(label, 1), 4);
    }
  });

  it.each([
    [
      tensor("uint8", [4, 5, 3], new Uint8Array(60).fill(1)),
      "the labels are on another grid than the image: expected [4, 3, 5], found [4, 5, 3]",
    ],
    [tensor("uint8", [4, 3, 5], new Uint8Array(60)), "there is no region in the labels: all are 0"],
    [
      tensor("float32", [4, 3, 5], new Float32Array(60).fill(1.5)),
      "the labels must be whole numbers: found 1.5; was the volume interpolated?",
    ],
  ])("refuses labels that are none: %#", async (regions, message) => {
    await expect(regionOcclusion({ regions })(cubicModel(dims), input, 1)).rejects.toThrow(message);
  });

  it("refuses cells of half a voxel, and for another number of axes", async () => {
    expect(() => regionOcclusion({ regions: 0.5 })).toThrow("the edge of a cell must be a whole number");
    await expect(regionOcclusion({ regions: [2, 2] })(cubicModel(dims), input, 1)).rejects.toThrow(
      "cell needs one value, or one for each spatial axis: expected 1 or 3 values, found 2",
    );
  });
});

describe("occlusion", () => {
  it("of single voxels gives what each adds to a linear model", async () => {
    const { map } = await occlusion({ window: 1 })(linearModel(dims, weights), input, 1);
    for (let k = 0; k < 60; k++) expect(map.data[k]).toBeCloseTo(weights[k]! * input.data[k]!, 5);
  });

  it("hides all channels at once and covers every voxel", async () => {
    const model = linearModel([2, 5, 3], weights.slice(0, 30));
    const { map } = await occlusion({ window: [4, 2], baseline: 1 })(model, someInputs(1, [2, 5, 3]), 1);
    expect(map.dims).toEqual([1, 1, 5, 3]);
    expect(map.data.every(Number.isFinite)).toBe(true);
  });

  const impossible: [OcclusionOptions, string][] = [
    [{ window: 2, stride: 3 }, "the stride leaves gaps between windows: expected at most 2 voxels, found 3"],
    [{ window: 2.5 }, "window must be whole voxels: found 2.5"],
    [{ window: 0 }, "window must be a number above 0: found 0"],
    [{ window: 8, unit: "mm" }, "needs the size of a voxel"],
    [
      { window: [2, 2] },
      "window needs one value, or one for each spatial axis: expected 1 or 3 values, found 2",
    ],
  ];
  it.each(impossible)("refuses %j", async (options, message) => {
    const explain = async () => occlusion(options)(cubicModel(dims), input, 1);
    await expect(explain()).rejects.toThrow(message);
  });

  it("refuses more windows than anyone waits for", async () => {
    const large = [1, 200, 200, 200];
    const model = cubicModel(large);
    const image = tensor("float32", [1, ...large], new Float32Array(8e6));
    await expect(occlusion({ window: 2 })(model, image, 1)).rejects.toThrow("take a larger stride");
  });
});
