import { imagePaths, type PartSettings } from "@voxplain/caps-io";
import { memoryFiles, type Preprocessing } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { findSessionFiles } from "../src/parts/find-session-files.ts";
import { partSession } from "./part-fixtures.ts";

const capsOf = (...paths: readonly string[]) =>
  memoryFiles(new Map(paths.map((path) => [path, new Uint8Array(1)])), "caps");
const whole: PartSettings = { mode: "image" };
const locate = (
  paths: readonly string[],
  id: string,
  preprocessing: Preprocessing = "t1-linear",
  settings: PartSettings = whole,
) =>
  findSessionFiles([partSession(id)], {
    images: { preprocessing },
    settings,
    capsOf: () => capsOf(...paths),
  });

const newer = (path: string) => path.replace("_T1w_space-", "_space-");
const older = (path: string) => path.replace("_space-", "_T1w_space-");
const linear = imagePaths({ preprocessing: "t1-linear" }, "sub-01", "ses-M00");

describe("an image is found with and without _T1w in front of its space:", () => {
  it.each<[string, string, Preprocessing]>([
    ["a tensor of ClinicaDL 0.2", linear.tensor, "t1-linear"],
    ["a tensor of newer versions", newer(linear.tensor), "t1-linear"],
    ["a NIfTI of newer versions", newer(linear.nifti!), "t1-linear"],
    [
      "a downsampled one",
      newer(imagePaths({ preprocessing: "t1-linear-downsampled" }, "sub-01", "ses-M00").tensor),
      "t1-linear-downsampled",
    ],
    [
      "one of t1-extensive",
      older(imagePaths({ preprocessing: "t1-extensive" }, "sub-01", "ses-M00").tensor),
      "t1-extensive",
    ],
  ])("%s", async (_, path, preprocessing) => {
    const { found } = await locate([path], "sub-01", preprocessing);
    expect(found[0]?.image?.path).toBe(path);
  });

  it("a tensor under one name, the NIfTI of the same image under the other", async () => {
    const { found } = await locate([newer(linear.tensor), linear.nifti!], "sub-01");
    expect(found[0]?.image).toMatchObject({ path: newer(linear.tensor), nifti: linear.nifti });
  });

  it("extracted patches", async () => {
    const folder = "subjects/sub-01/ses-M00/deeplearning_prepare_data/patch_based/t1_linear";
    const path = `${folder}/sub-01_ses-M00_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_patchsize-4_stride-3_patch-0_T1w.pt`;
    const settings = { mode: "patch", size: 4, stride: 3, extracted: true } as const;
    const { found } = await locate([path], "sub-01", "t1-linear", settings);
    expect(found[0]?.extracted?.pathOf(0)).toBe(path);
  });

  it("extracted regions", async () => {
    const folder = "subjects/sub-01/ses-M00/deeplearning_prepare_data/roi_based/t1_linear";
    const path = `${folder}/sub-01_ses-M00_space-MNI152NLin2009cSym_desc-CropRoi_res-1x1x1_roi-one_T1w.pt`;
    const settings = { mode: "roi", list: ["one"], uncropped: false, extracted: true } as const;
    const { found } = await locate([path], "sub-01", "t1-linear", settings);
    expect(found[0]?.extracted?.pathOf(0)).toBe(path);
  });
});

it("an image that is there under both names is a failure of its session that names both", async () => {
  const { failures } = await locate([linear.tensor, newer(linear.tensor)], "sub-01");
  expect(failures[0]?.error.message).toBe(
    `sub-01 ses-M00: two images of the same kind in caps: found ${linear.tensor} and ${newer(linear.tensor)}; remove one of them`,
  );
});

describe("IDs that the CAPS writes otherwise are named:", () => {
  it.each([
    ["a month of three digits", "sub-01", "ses-M000", "sub-01 ses-M00"],
    ["zeros of the participant", "sub-001", "ses-M00", "sub-01 ses-M00"],
    ["both", "sub-1", "ses-M0", "sub-01 ses-M00"],
    ["case", "SUB-01", "ses-m00", "sub-01 ses-M00"],
    ["no prefixes", "01", "M00", "sub-01 ses-M00"],
  ])("%s", async (_, participantId, sessionId, there) => {
    const caps = capsOf(linear.tensor);
    const session = { ...partSession(participantId), sessionId };
    const message = `; the CAPS has ${there}: write IDs in the list as in the CAPS`;
    const { failures } = await findSessionFiles([session], {
      images: { preprocessing: "t1-linear" },
      settings: whole,
      capsOf: () => caps,
    });
    expect(failures[0]?.error.message).toContain(message);
  });

  it("but not another participant", async () => {
    const { failures } = await locate([linear.tensor], "sub-10");
    expect(failures[0]?.error.message).not.toContain("the CAPS has");
  });
});
