// What is settled of the images of a MAPS before any voxel is decoded, and where its maps are.
import { identityAffine } from "@voxplain/core";
import { nodeRuntime } from "@voxplain/runtime-node";
import { explainCohort, openCohort, openModel, plan, type Request } from "@voxplain/study";
import { describe, expect, it } from "vitest";
import {
  affine,
  type Files,
  niftiPath,
  type ToyImage,
  type ToyMaps,
  toyCaps,
  toyLabels,
  toyMaps,
  weightsOf,
} from "./toy-study.ts";

const runtime = nodeRuntime({ executionProvider: "cpu" });

async function planOf(maps: ToyMaps, images: readonly ToyImage[], request: Request = {}, caps?: Files) {
  const model = await openModel(await toyMaps(maps));
  const cohort = await openCohort({
    caps: caps ?? (await toyCaps(images)),
    labels: await toyLabels({ AD: images.map((_, k) => k + 1) }),
    diagnoses: ["AD"],
  });
  return plan(model, cohort, { voting: "uniform", target: 1, ...request });
}

const patches: ToyMaps = {
  settings: { num_networks: 4 },
  preprocessing: { mode: "patch", patch_size: 2, stride_size: 2 },
  dims: [1, 2, 2, 2],
};
const larger = { shape: [6, 4, 2], values: new Float32Array(48).fill(1).fill(2, 8) } as const;

describe("images with another number of patches", () => {
  it("are refused, with how many they have and how many most have", async () => {
    await expect(planOf({ ...patches, settings: {} }, [{}, larger, {}])).rejects.toThrow(
      "sub-02 ses-M00 (6×4×2 voxels) has 6 parts, but sub-01 ses-M00 (4×4×2 voxels) has 4: " +
        "the network was trained on as many of each image",
    );
  });

  it("are left out where sessions may be skipped", async () => {
    const { tasks } = await planOf(patches, [{}, larger, {}], { onError: "skip" });
    expect(tasks[0]?.partCount).toBe(4);
    expect(tasks[0]?.missing.map(({ session }) => session.name)).toEqual(["sub-02 ses-M00"]);
  });

  it("have none where a patch is larger than the image", async () => {
    const small = { shape: [1, 4, 2], values: new Float32Array(8) } as const;
    await expect(planOf(patches, [small])).rejects.toThrow("an image of 1×4×2 voxels has no patch of 2×2×2");
  });
});

describe("regions of a network that sees all of them", () => {
  const regions = (dims: readonly number[]): ToyMaps => ({
    settings: { num_networks: 2 },
    preprocessing: { mode: "roi", roi_list: ["small", "large"], uncropped_roi: false },
    dims,
  });
  const capsOf = async () => {
    const caps = await toyCaps([{}]);
    const mask = async (name: string, planes: number) => {
      const data = Float32Array.from({ length: 32 }, (_, k) => (Math.floor(k / 8) < planes ? 1 : 0));
      const own = await toyCaps([{ values: data }]);
      const path = `masks/tpl-MNI152NLin2009cSym/tpl-MNI152NLin2009cSym_desc-Crop_res-1x1x1_roi-${name}_mask.nii.gz`;
      const reader = await own.open(niftiPath(1));
      if (reader !== undefined) await caps.write(path, await reader.read(0, reader.byteLength));
    };
    await mask("small", 1);
    await mask("large", 3);
    return caps;
  };

  it.each([
    [[1, 1, 4, 2], "large", "[1, 3, 4, 2]"],
    [[1, 3, 4, 2], "small", "[1, 1, 4, 2]"],
  ])("must have the shape of its training: %j", async (dims, name, found) => {
    await expect(planOf(regions(dims), [{}], {}, await capsOf())).rejects.toThrow(
      `maps: the region ${name} has another shape than the network takes: expected [${dims.join(", ")}], found ${found}`,
    );
  });
});

describe("size reduction", () => {
  const shape = [7, 10, 11] as const;
  const values = Float32Array.from({ length: 770 }, (_, k) => (k * 7) % 13);
  const reduced: ToyMaps = {
    settings: { size_reduction: true, size_reduction_factor: 2, normalize: true },
    dims: [1, 2, 1, 2],
  };
  const small = affine.map(([x, y, z, t], row) =>
    row === 3 ? [0, 0, 0, 1] : [2 * x, 2 * y, 2 * z, 4 * x + 8 * y + 8 * z + t],
  );

  it("gives maps on the grid of the voxels that are left, at their position", async () => {
    const planned = await planOf(reduced, [{ shape, values }]);
    expect(planned.tasks[0]?.groups[0]?.inputDims).toEqual([1, 2, 1, 2]);
    for await (const { map, affine: own, volume } of explainCohort(planned, { runtime })) {
      expect(map.dims).toEqual([1, 2, 1, 2]);
      expect([...map.data]).toEqual([...weightsOf(4)]);
      expect(own).toEqual(small);
      expect(volume).toMatchObject({ shape: [2, 1, 2], affine: small });
    }
  });

  it("takes a template on the grid of the images", async () => {
    const template = { name: "template.nii.gz", affine, shape, warnings: [] };
    const planned = await planOf(reduced, [{ shape, values, affine: identityAffine }], { template });
    for await (const { affine: own } of explainCohort(planned, { runtime })) expect(own).toEqual(small);
    const other = { ...template, shape: [7, 10, 12] };
    await expect(planOf(reduced, [{ shape, values }], { template: other })).rejects.toThrow(
      "sub-01 ses-M00 has 2×1×2 voxels, but the template template.nii.gz has 7×10×12",
    );
  });

  it("carries maps through min-max over the whole image", async () => {
    const planned = await planOf(reduced, [{ shape, values }], { throughNormalization: true });
    for await (const { map } of explainCohort(planned, { runtime })) {
      // The values 0 and 12 are shared by voxels that are left out; none that is left has either.
      expect(map.dims).toEqual([1, 2, 1, 2]);
      expect([...map.data]).toEqual([...weightsOf(4)].map((weight) => expect.closeTo(weight / 12, 6)));
    }
  });

  it("refuses images that nothing is left of, by their headers", async () => {
    await expect(planOf(reduced, [{ shape: [4, 4, 2] }])).rejects.toThrow(
      "size reduction by 2 leaves no voxel of it",
    );
  });
});
