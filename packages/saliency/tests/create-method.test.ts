import { tensor } from "@voxplain/core";
import { createMethod, methodEntries } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { everyMethod } from "./every-method.ts";
import { cubicModel, someInputs } from "./toy-models.ts";

const dims = [1, 4, 3];
const input = someInputs(1, dims);
const mapOf = async (chosen: Awaited<ReturnType<typeof createMethod>>) =>
  (await chosen.compute(cubicModel(dims), input, 1)).map;

describe("createMethod", () => {
  it("reads options by their names in snake_case or camelCase", async () => {
    const one = await createMethod("integrated-gradients", { steps: "3", chunk_size: "2", baseline: "blur" });
    const other = await createMethod("integrated-gradients", {
      steps: "3",
      chunkSize: "2",
      baseline: "blur",
    });
    const typed = everyMethod["integrated-gradients"]!.create({ steps: 3, chunkSize: 2, baseline: "blur" });
    expect(await mapOf(one)).toEqual(await mapOf(typed));
    expect(await mapOf(other)).toEqual(await mapOf(typed));
    expect(one.passes(dims)).toEqual(typed.passes(dims));
  });

  it("gives options that both have to the method and the one inside it", async () => {
    const chosen = await createMethod(
      "smoothgrad",
      {
        ...{ inner_method: "expected-gradients", samples: "4", seed: "9", references: "CN" },
      },
      {
        cohort: async () => ({ length: 1, read: async () => tensor("float32", dims, new Float32Array(12)) }),
      },
    );
    expect(chosen.options).toMatchObject({
      ...{ samples: "4", seed: "9" },
      inner_method: { method: "expected-gradients", samples: "4", seed: "9", references: "CN" },
    });
    expect(chosen.seed).toBe(9);
    // Samples, the one reference and the input, for each noisy copy and the input.
    expect(chosen.passes(dims)).toEqual({ least: 6 * 5, most: 6 * 5 });
  });

  it("records texts as they were given, and defaults as values", async () => {
    const { options, seed } = await createMethod("vargrad", { stdev: "0.50" });
    expect(options).toEqual({
      ...{ inner_method: { method: "gradients" }, stdev: "0.50", samples: 25, seed: 0, chunk_size: null },
    });
    expect(seed).toBe(0);
    expect((await createMethod("gradients")).seed).toBeNull();
  });

  it("takes images, labels, cohorts and the size of voxels from its sources", async () => {
    const asked: string[] = [];
    const labels = tensor(
      "int32",
      [4, 3],
      Int32Array.from({ length: 12 }, (_, k) => k % 3),
    );
    const chosen = await createMethod(
      "region-occlusion",
      { labels: "atlas.nii", baseline_image: "mean.nii" },
      {
        async image(text) {
          asked.push(text);
          return tensor("float32", dims, new Float32Array(12));
        },
        async labels(text) {
          asked.push(text);
          return labels;
        },
      },
    );
    expect(asked).toEqual(["atlas.nii", "mean.nii"]);
    expect(chosen.options).toMatchObject({ labels: "atlas.nii", baseline_image: "mean.nii" });
    expect(chosen.passes(dims)).toEqual({ least: 3, most: 3 });
    const inMillimetres = await createMethod(
      "occlusion",
      { window: "4", stride: "4", unit: "mm" },
      { voxelSize: async () => [2, 1] },
    );
    expect(inMillimetres.options).toMatchObject({ voxel_size: [2, 1] });
  });

  it.each([
    ["gradcam", {}, /^there is no method "gradcam": expected one of gradients, absolute-gradients, /],
    ["toString", {}, /^there is no method "toString"/],
    ["gradients", { seed: "7" }, 'the method gradients has no option "seed": it has no options'],
    ["grad-cam", { Layer: "x" }, 'the method grad-cam has no option "_layer": expected one of layer, relu'],
    ["occlusion", { voxel_size: "1" }, 'the method occlusion has no option "voxel_size": expected one of '],
    ["lrp", { zero_bias: "true", zeroBias: "false" }, 'the option "zero_bias" of the method is given twice'],
    ["integrated-gradients", { steps: "many" }, '"many" is not a value of "steps": expected a whole number'],
    ["integrated-gradients", { steps: "" }, '"" is not a value of "steps": expected a whole number'],
    ["occlusion", { unit: "cm" }, '"cm" is not a value of "unit": expected one of voxels, mm'],
    ["expected-gradients", {}, 'the option "references" is missing: images to compare with'],
    [
      "region-occlusion",
      { labels: "atlas" },
      '"atlas" is not a value of "labels": expected labels read from a file',
    ],
    [
      "smoothgrad",
      { inner_method: "vargrad" },
      '"vargrad" is not a value of "inner_method" of smoothgrad: it takes an inner_method itself',
    ],
  ])("refuses %s with %j", async (name, texts, message) => {
    await expect(createMethod(name, texts as Record<string, string>)).rejects.toThrow(message);
  });
});

describe("methodEntries", () => {
  it("gives the method and the one inside it", () => {
    const names = (...given: Parameters<typeof methodEntries>) =>
      methodEntries(...given).map((one) => one?.name);
    expect(names("lrp")).toEqual(["lrp"]);
    expect(names("vargrad")).toEqual(["vargrad", "gradients"]);
    expect(names("vargrad", { innerMethod: "occlusion" })).toEqual(["vargrad", "occlusion"]);
  });
});
