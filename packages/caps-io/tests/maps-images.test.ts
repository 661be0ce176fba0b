// Where ClinicaDL 1.x finds the image of a session.
import { imagePaths, type PartSettings } from "@voxplain/caps-io";
import { type CapsImages, type FileSource, memoryFiles } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { findSessionFiles } from "../src/parts/find-session-files.ts";
import { partSession } from "./part-fixtures.ts";

const capsOf = (...paths: readonly string[]) =>
  memoryFiles(new Map(paths.map((path) => [path, new Uint8Array(1)])), "caps");
const whole: PartSettings = { mode: "image" };
const locate = async (
  images: Omit<CapsImages, "generation">,
  paths: readonly string[],
  { settings = whole, caps = capsOf(...paths) as FileSource } = {},
) => {
  const options = { images: { ...images, generation: "1.x" as const }, settings, capsOf: () => caps };
  const { found, failures } = await findSessionFiles([partSession("sub-01")], options);
  return { image: found[0]?.image, ...found[0], error: failures[0]?.error };
};

const session = "subjects/sub-01/ses-M00";
const tensors = (pipeline: string, name: string) =>
  `${session}/deeplearning_prepare_data/image_based/${pipeline}/sub-01_ses-M00${name}.pt`;
const space = "_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1";
const t1 = { preprocessing: "t1-linear" } as const;
const pet = { preprocessing: "pet-linear", tracer: "18FFDG", suvrReferenceRegion: "pons2" } as const;
const dti = { preprocessing: "dwi-dti", dtiMeasure: "FA", dtiSpace: "T1w" } as const;
const mine = { preprocessing: "custom", customSuffix: "_desc-mine_T1w.nii.gz" } as const;

describe("the image of a session is found", () => {
  it.each<[string, CapsImages, string]>([
    ["t1-linear, as Clinica writes it now", t1, tensors("t1_linear", `${space}_T1w`)],
    ["t1-linear, as older versions wrote it", t1, tensors("t1_linear", `_T1w${space}_T1w`)],
    ["t1-linear with a run", t1, tensors("t1_linear", `_run-01${space}_T1w`)],
    [
      "t1-linear with an acquisition and the modality",
      t1,
      tensors("t1_linear", `_acq-mprage_T1w${space}_T1w`),
    ],
    [
      "t1-linear in other letters",
      t1,
      tensors("t1_linear", `_SPACE-MNI152NLIN2009CSYM_DESC-CROP_RES-1X1X1_t1W`),
    ],
    [
      "uncropped t1-linear",
      { ...t1, uncropped: true },
      tensors("t1_linear", "_space-MNI152NLin2009cSym_res-1x1x1_T1w"),
    ],
    ["flair-linear", { preprocessing: "flair-linear" }, tensors("flair_linear", `${space}_flair`)],
    [
      "flair-linear with its modality",
      { preprocessing: "flair-linear" },
      tensors("flair_linear", `_FLAIR${space}_FLAIR`),
    ],
    ["pet-linear", pet, tensors("pet_linear", `_trc-18FFDG${space}_suvr-pons2_pet`)],
    ["pet-linear with a run", pet, tensors("pet_linear", `_run-02_trc-18FFDG${space}_suvr-pons2_pet`)],
    [
      "pet-linear of any tracer where the model names none",
      { preprocessing: "pet-linear" },
      tensors("pet_linear", `_trc-11CPIB${space}_suvr-cerebellumPons2_pet`),
    ],
    ["dwi-dti", dti, tensors("dwi_dti", "_dwi_space-T1w_FA")],
    ["custom", mine, tensors("custom", "_desc-mine_T1w")],
    ["custom with other entities", mine, tensors("custom", "_acq-a_run-1_desc-mine_T1w")],
    [
      "custom with a suffix that begins inside an entity",
      { ...mine, customSuffix: "graymatter_probability.nii.gz" },
      tensors("custom", "_T1w_segm-graymatter_probability"),
    ],
  ])("as a tensor: %s", async (_, images, path) => {
    const { image } = await locate(images, [path]);
    expect(image).toEqual({ path, format: "tensor" });
  });

  it.each<[string, CapsImages, string]>([
    ["t1-linear", t1, `${session}/t1_linear/sub-01_ses-M00${space}_T1w.nii.gz`],
    ["t1-linear with a run", t1, `${session}/t1_linear/sub-01_ses-M00_run-01${space}_T1w.nii.gz`],
    ["pet-linear", pet, `${session}/pet_linear/sub-01_ses-M00_trc-18FFDG${space}_suvr-pons2_pet.nii.gz`],
    [
      "dwi-dti",
      dti,
      `${session}/dwi/dti_based_processing/native_space/sub-01_ses-M00_dwi_space-T1w_FA.nii.gz`,
    ],
    ["custom, in any folder", mine, `${session}/t1/spm/sub-01_ses-M00_desc-mine_T1w.nii.gz`],
  ])("as a NIfTI alone: %s", async (_, images, path) => {
    const { image } = await locate(images, [path]);
    expect(image).toEqual({ path, format: "nifti", nifti: path });
  });

  it.each<[string, CapsImages, string, string]>([
    ["t1-linear", t1, tensors("t1_linear", `_run-01${space}_T1w`), "t1_linear"],
    ["dwi-dti", dti, tensors("dwi_dti", "_dwi_space-T1w_FA"), "dwi/dti_based_processing/native_space"],
    ["custom", mine, tensors("custom", "_desc-mine_T1w"), "custom"],
  ])("as a tensor, with the NIfTI of its name: %s", async (_, images, path, folder) => {
    const nifti = `${session}/${folder}/${path.slice(path.lastIndexOf("/") + 1, -3)}.nii.gz`;
    const { image } = await locate(images, [path, nifti]);
    expect(image).toEqual({ path, format: "tensor", nifti });
  });

  it.each<[string, CapsImages, string]>([
    ["t1-linear", t1, `${session}/t1_linear/sub-01_ses-M00${space}_T1w.pt`],
    ["custom", mine, `${session}/deeplearning_prepare_data/image_based/mine/sub-01_ses-M00_desc-mine_T1w.pt`],
  ])("as a tensor in another folder of the session: %s", async (_, images, path) => {
    const { image } = await locate(images, [path]);
    expect(image).toEqual({ path, format: "tensor" });
  });

  it("but no part of an image is taken for it", async () => {
    const images = { preprocessing: "custom", customSuffix: "_T1w.nii.gz" } as const;
    const folder = `${session}/deeplearning_prepare_data/patch_based/custom`;
    const { error } = await locate(images, [
      `${folder}/sub-01_ses-M00_patchsize-50_stride-50_patch-0_T1w.pt`,
    ]);
    expect(error?.message).toContain("there is no custom image");
  });

  it("in a session of any name", async () => {
    const id = { ...partSession("sub-01"), sessionId: "ses-wave2", name: "sub-01 ses-wave2" };
    const images = { ...t1, generation: "1.x" } as const;
    const path = imagePaths(images, "sub-01", "ses-wave2").tensor;
    expect(path).toContain(`sub-01_ses-wave2${space}_T1w.pt`);
    const { found } = await findSessionFiles([id], { images, settings: whole, capsOf: () => capsOf(path) });
    expect(found[0]?.image?.path).toBe(path);
  });

  it("as the last of several runs, which are named", async () => {
    const runs = ["01", "10", "9"].map((run) => tensors("t1_linear", `_run-${run}${space}_T1w`));
    const { image, warnings } = await locate(t1, runs);
    expect(image?.path).toBe(runs[1]);
    expect(warnings).toEqual([
      expect.stringMatching(/several runs: .*run-10.* is used.* not .*run-01.*run-9/),
    ]);
  });
});

describe("an image is not guessed:", () => {
  it.each<[string, CapsImages, readonly string[]]>([
    [
      "both plain names",
      t1,
      [tensors("t1_linear", `${space}_T1w`), tensors("t1_linear", `_T1w${space}_T1w`)],
    ],
    [
      "two acquisitions",
      t1,
      [tensors("t1_linear", `_acq-a${space}_T1w`), tensors("t1_linear", `_acq-b${space}_T1w`)],
    ],
    [
      "a run and an image without",
      mine,
      [tensors("custom", "_acq-a_desc-mine_T1w"), tensors("custom", "_run-1_desc-mine_T1w")],
    ],
    [
      "two NIfTIs in two folders",
      mine,
      [
        `${session}/a/sub-01_ses-M00_desc-mine_T1w.nii.gz`,
        `${session}/b/sub-01_ses-M00_desc-mine_T1w.nii.gz`,
      ],
    ],
  ])("%s are an error that names both", async (_, images, paths) => {
    const { error } = await locate(images, paths);
    expect(error?.message).toContain(`${paths[0]} and ${paths[1]}`);
    expect(error?.session).toBe("sub-01 ses-M00");
  });

  it.each<[string, CapsImages, string]>([
    [
      "a cropped image does not suit a model of uncropped ones",
      { ...t1, uncropped: true },
      tensors("t1_linear", `${space}_T1w`),
    ],
    [
      "an uncropped image does not suit a model of cropped ones",
      t1,
      tensors("t1_linear", "_space-MNI152NLin2009cSym_res-1x1x1_T1w"),
    ],
    ["another tracer", pet, tensors("pet_linear", `_trc-11CPIB${space}_suvr-pons2_pet`)],
    ["another SUVR region", pet, tensors("pet_linear", `_trc-18FFDG${space}_suvr-pons_pet`)],
    ["another measure", dti, tensors("dwi_dti", "_dwi_space-T1w_MD")],
    ["t1-linear for a model of pet-linear", pet, tensors("t1_linear", `${space}_T1w`)],
  ])("%s", async (_, images, path) => {
    const { error } = await locate(images, [path]);
    expect(error).toMatchObject({ code: "not-found" });
    expect(error?.message).toContain(`there is no ${images.preprocessing} image`);
  });

  it("an image of another pipeline is none of dwi-dti, whose measure nothing states", async () => {
    const { image } = await locate({ preprocessing: "dwi-dti" }, [tensors("t1_linear", `${space}_T1w`)]);
    expect(image).toBeUndefined();
  });

  it("a missing image is reported with the names that were looked for", async () => {
    const ofAnySession = (path: string) =>
      path.replaceAll("sub-01", "<participant_id>").replaceAll("ses-M00", "<session_id>");
    const { error } = await locate(pet, []);
    expect(error?.message).toBe(
      "sub-01 ses-M00: there is no pet-linear image in caps: expected " +
        `${ofAnySession(tensors("pet_linear", `_trc-18FFDG${space}_suvr-pons2_pet`))} or ` +
        ofAnySession(`${session}/pet_linear/sub-01_ses-M00_trc-18FFDG${space}_suvr-pons2_pet.nii.gz or `) +
        `another name *_trc-18FFDG${space}_suvr-pons2_pet`,
    );
  });

  it("names of 0.2 are the two plain ones: no folder is listed for others", async () => {
    const path = tensors("t1_linear", `_run-01${space}_T1w`);
    const options = { images: t1, settings: whole, capsOf: () => capsOf(path) };
    const { found } = await findSessionFiles([partSession("sub-01")], options);
    expect(found).toEqual([]);
  });
});

it("no folder is listed where images have a plain name, and the participants once where they have none", async () => {
  const images = { ...t1, generation: "1.x" } as const;
  const sessions = Array.from({ length: 50 }, (_, k) => partSession(`sub-${k}`));
  const paths = sessions.map(({ participantId }) => imagePaths(images, participantId, "ses-M00").tensor);
  const listed: string[] = [];
  const counting = (files: FileSource): FileSource => ({
    ...files,
    list: async (path) => {
      listed.push(path);
      return files.list(path);
    },
  });
  const full = counting(capsOf(...paths));
  await findSessionFiles(sessions, { images, settings: whole, capsOf: () => full });
  expect(listed).toEqual([]);
  const empty = counting(capsOf("subjects/other/ses-M00/file"));
  await findSessionFiles(sessions, { images, settings: whole, capsOf: () => empty });
  expect(listed.filter((path) => path === "subjects")).toHaveLength(1);
  expect(listed).toHaveLength(1 + 3 * sessions.length);
});
