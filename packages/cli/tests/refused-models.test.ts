import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  expectedNpy,
  expectedOf,
  expectMap,
  interpretParts,
  modelOf,
  npy,
  partFixtures,
  row,
  temporaryFolder,
} from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

const folder = temporaryFolder();

/** A copy of a model with other settings, beside its cohort. */
function changed(name: string, settings: object): string {
  const model = join(folder.path, "models", name);
  cpSync(modelOf(name), model, { recursive: true });
  for (const shared of ["caps", "labels"]) {
    cpSync(join(partFixtures, shared), join(folder.path, shared), { recursive: true });
  }
  const path = join(model, "commandline.json");
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...settings }));
  return model;
}

async function refused(model: string, message: RegExp): Promise<void> {
  for (const argv of [
    ["interpret", "group", model, "x"],
    ["predict", model],
  ]) {
    const { status, errors } = await voxplain(...argv, "--use_cpu", "--output_dir", join(folder.path, "out"));
    expect(errors).toMatch(message);
    expect(errors).not.toMatch(/\n\s+at /);
    expect(status === 1 || status === 2).toBe(true);
    expect(readdirSync(folder.path)).not.toContain("out");
  }
}

describe("an autoencoder", () => {
  it("is refused with what cannot be explained, and why", () =>
    refused(
      modelOf("autoencoder"),
      /the model is an autoencoder. It gives an image back instead of the logits of classes/,
    ));
});

describe("a model with atlas outputs", () => {
  it("is explained by its class logits: torch's maps", async () => {
    const result = await interpretParts(folder.path, "group", "atlas", "g");
    // Float32 against float64, three convolutions.
    expectMap(npy(join(result, "map.npy")), expectedNpy("atlas", "group.npy"), 1e-5);
    const raw = await interpretParts(folder.path, "group", "atlas", "r", "--through_normalization");
    expectMap(npy(join(raw, "map.npy")), expectedNpy("atlas", "raw-group.npy"), 1e-5);
  });

  it.each([
    ["individual.npy", []],
    ["raw-individual.npy", ["--through_normalization"]],
  ])("has torch's map of each session: %s", async (reference, options) => {
    const result = await interpretParts(folder.path, "individual", "atlas", "i", ...options);
    const maps = expectedNpy("atlas", reference);
    for (const [k, { key }] of expectedOf("atlas").ad.entries()) {
      expectMap(npy(join(result, key[0]!, key[1]!, "map.npy")), row(maps, k), 1e-5);
    }
  });
});

describe("models whose parts cannot be are refused:", () => {
  it.each([
    [
      "patch",
      { patch_size: 12 },
      /an image of 13×11×9 voxels has no patch of 12×12×12:\n {2}sub-02 ses-M00: /,
    ],
    ["patch", { patch_size: 4 }, /sub-02 ses-M00|features/],
    [
      "slice",
      { discarded_slices: [7, 6] },
      /of 13 sagittal planes 7 are discarded at the beginning and 6 at the end: none is left/,
    ],
    ["slice", { slice_direction: 3 }, /invalid value of "slice_direction": expected one of 0, 1, 2, found 3/],
    ["roi", { roi_list: ["left", "amygdala"] }, /there is no mask .*_roi-amygdala_mask\.nii\.gz/],
    ["roi", { roi_list: ["left", "left"] }, /the list of regions names "left" twice/],
    ["roi", { roi_list: ["../left"] }, /"\.\.\/left" cannot be the name of a region of interest/],
    [
      "roi",
      { roi_list: ["left", "pieces"] },
      /the region pieces has another shape than the network takes: .* found \[1, 5, 7, 7\]/,
    ],
    ["roi", { roi_list: null }, /the right hippocampus is looked for around voxel 109, 96, 68 .*13×11×9/],
    [
      "roi",
      { roi_list: null, preprocessing: "t1-extensive" },
      /a model sees the hippocampi, whose place is known for t1-linear only/,
    ],
    [
      "patch",
      { preprocessing: "shepplogan" },
      /images of shepplogan are 2D: there are no models of their patches/,
    ],
    ["patch", { network_type: "multicnn" }, /one network/],
    ["patch-multicnn", { network_type: "cnn" }, /several networks for "best_balanced_accuracy"/],
  ])("%s %j", async (name, settings, message) => refused(changed(name, settings), message));

  it("a mask with other values than 0 and 1", async () => {
    const model = changed("roi", {});
    const masks = join(folder.path, "caps/masks/roi_based/tpl-MNI152NLin2009cSym");
    const left = join(masks, readdirSync(masks).find((name) => name.includes("roi-left"))!);
    rmSync(left);
    // An image has other values.
    const image =
      "subjects/sub-02/ses-M00/t1_linear/sub-02_ses-M00_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.nii.gz";
    cpSync(join(partFixtures, "caps", image), left);
    await refused(model, /_roi-left_mask\.nii\.gz: not a mask: expected voxels of 0 and 1, found/);
  });
});
