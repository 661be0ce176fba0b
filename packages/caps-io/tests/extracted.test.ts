// Parts that are files of their own in the CAPS: see fixtures/parts/make_parts.py.
import { gzipSync } from "node:zlib";
import {
  isFailure,
  locateSessions,
  type PartSettings,
  readSessions,
  toImageGradient,
} from "@voxplain/caps-io";
import { type Preprocessing, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { niftiOf } from "./nifti-of.ts";
import {
  imagePath,
  maskPath,
  partCaps,
  partFixture,
  partSession,
  readOne,
  readParts,
  sessionFolder,
  sha256,
} from "./part-fixtures.ts";

const patch = (extracted: boolean) => ({ mode: "patch", size: 4, stride: 3, extracted }) as const;
const slice = (extracted: boolean, discarded: readonly [number, number] = [1, 2]) =>
  ({ mode: "slice", direction: 0, discarded, extracted, channels: 3, resized: true }) as const;
const roi = (extracted: boolean, uncropped = false) =>
  ({ mode: "roi", list: ["one", "two"], uncropped, extracted }) as const;

const stem = "sub-1_ses-M00_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1";
const patchPath = (k: number) =>
  `${sessionFolder}/patch_based/t1_linear/${stem}_patchsize-4_stride-3_patch-${k}_T1w.pt`;
const slicePath = (k: number) =>
  `${sessionFolder}/slice_based/t1_linear/${stem}_axis-sag_channel-rgb_slice-${k}_T1w.pt`;
const roiPath = (name: string, uncropped = false) =>
  `${sessionFolder}/roi_based/t1_linear/sub-1_ses-M00_T1w_space-MNI152NLin2009cSym_desc-${uncropped ? "CropImage" : "CropRoi"}_res-1x1x1_roi-${name}_T1w.pt`;

const patches = Object.fromEntries([0, 1, 2, 3].map((k) => [patchPath(k), `patch-${k}.pt`]));
const slices = Object.fromEntries([0, 1, 2, 3, 4, 5, 6].map((k) => [slicePath(k), `slice-${k}.pt`]));
const regions = (uncropped: boolean) =>
  Object.fromEntries(
    ["one", "two"].map((name) => [
      roiPath(name, uncropped),
      `region-${name}-${uncropped ? "image" : "roi"}.pt`,
    ]),
  );
const image = { [imagePath]: "image.pt" };
const masks = { [maskPath("one")]: "one_mask.nii.gz", [maskPath("two")]: "two_mask.nii.gz" };

describe("extracted parts", () => {
  const cases: [string, Record<string, string>, (extracted: boolean) => PartSettings][] = [
    ["patches", patches, patch],
    ["regions", regions(false), roi],
    ["uncropped regions", regions(true), (extracted) => roi(extracted, true)],
    ["slices", slices, slice],
  ];

  it.each(cases)("equal those that are cut out of the image: %s", async (_, files, settings) => {
    const fromImage = await readParts(await partCaps({ ...image, ...masks }), settings(false));
    const caps = await partCaps({ ...files, ...image, ...masks });
    const session = await readOne(caps, settings(true));
    expect(session.files).not.toContain(imagePath);
    expect(session.grid).toEqual([7, 9, 6]);
    expect(session.parts).toEqual(fromImage.map(({ index, id, name, label, placement }) => ({ index, id, name, label, placement }))); // biome-ignore format: one line
    for (const { index, input, transform } of fromImage) {
      const part = await session.read(index);
      expect([part.input.dims, sha256(part.input.data)]).toEqual([input.dims, sha256(input.data)]);
      const map = tensor("float32", input.dims, input.data.slice().fill(1));
      const options = { throughNormalization: false };
      expect(toImageGradient(map, part, options)).toEqual(
        toImageGradient(map, { ...part, transform }, options),
      );
    }
  });

  it.each(cases)("are read where the CAPS has nothing else: %s", async (_, files, settings) => {
    const session = await readOne(await partCaps(files), settings(false));
    expect(session.image).toBeUndefined();
    expect(session.files).toEqual(session.parts.map(({ id }) => Object.keys(files)[id]));
  });

  it.each(cases)("are cut out of the image where there is none of them: %s", async (_, __, settings) => {
    const caps = await partCaps({ ...image, ...masks });
    const session = await readOne(caps, settings(true));
    expect(session.files).toEqual([imagePath]);
    expect(session.warnings).toEqual([expect.stringMatching(/^there are no extracted .*; they are cut out/)]);
  });

  it.each([
    [patchPath(2), patches, patch(true), image],
    [patchPath(3), patches, patch(true), image],
    [slicePath(2), slices, slice(true), image],
    [roiPath("two"), regions(false), roi(true), masks],
  ] as const)(
    "of which one is missing are refused with its name: %s",
    async (path, files, settings, more) => {
      const { [path]: _, ...others } = files;
      const caps = await partCaps({ ...others, ...more });
      await expect(readOne(caps, settings)).rejects.toThrow(
        `sub-1 ses-M00: caps/${path}: there is no such file`,
      );
    },
  );

  it.each([
    [
      patchPath(1),
      "slice-0.pt",
      patch(true),
      /it holds a tensor of shape \[3, 9, 6\]; \[1, 4, 4, 4\] is expected/,
    ],
    [slicePath(4), "patch-1.pt", slice(true), /shape \[1, 4, 4, 4\]; \[1 or 3, 9, 6\] is expected/],
    [slicePath(4), "different_channels.pt", slice(true), /its channels differ/],
    [roiPath("one"), "region-two-roi.pt", roi(true), /shape \[1, 3, 3, 3\]; \[1, 3, 5, 4\] is expected/],
    [patchPath(3), partFixture("patch-3.pt").subarray(0, 500), patch(true), /patch-3_T1w\.pt/],
  ] as const)("that are broken are refused with their name: %s", async (path, content, settings, message) => {
    const files = { ...patches, ...slices, ...regions(false), ...masks, ...image, [path]: content };
    const caps = await partCaps(files);
    const failure = await readOne(caps, settings).catch((error: unknown) => error);
    expect(String(failure)).toContain(`sub-1 ses-M00: caps/${path}`);
    expect(String(failure)).toMatch(message);
  });
});

describe("the place of extracted parts without an image", () => {
  it("cannot make up for a patch that is missing", async () => {
    const { [patchPath(2)]: _, ...others } = patches;
    await expect(readOne(await partCaps(others), patch(false))).rejects.toThrow(
      /^sub-1 ses-M00: .*the extracted patches go up to number 3, but patch 2 is missing/,
    );
  });

  it("is unknown for patches that the images of the preprocessing do not have", async () => {
    const { parts, grid, warnings } = await readOne(await partCaps(patches), patch(false));
    expect([grid, parts.map(({ placement }) => placement)]).toEqual([
      undefined,
      [undefined, undefined, undefined, undefined],
    ]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^there are 4 extracted patches, where an image of t1-linear has \d+, .* their positions are not known/,
      ),
    ]);
  });

  it("follows from their number where the images of the preprocessing have as many", async () => {
    const name = (k: number) => patchPath(k).replace("size-4_stride-3", "size-4_stride-60");
    const files = Object.fromEntries(Array.from({ length: 3 * 4 * 3 }, (_, k) => [name(k), "patch-0.pt"]));
    const settings = { mode: "patch", size: 4, stride: 60, extracted: true } as const;
    const { parts, grid } = await readOne(await partCaps(files), settings);
    expect(grid).toEqual([169, 208, 179]);
    expect(parts[35]!.placement).toEqual({ start: [120, 180, 120], size: [4, 4, 4] });
  });

  it("follows from the masks of regions", async () => {
    const { parts, grid } = await readOne(await partCaps({ ...regions(false), ...masks }), roi(false));
    expect([grid, parts[0]!.placement?.start]).toEqual([
      [7, 9, 6],
      [1, 2, 1],
    ]);
    const without = await readOne(await partCaps(regions(false)), roi(false));
    expect([without.grid, without.parts[0]!.placement]).toEqual([undefined, undefined]);
    expect(without.parts.map(({ name }) => name)).toEqual(["roi-one", "roi-two"]);
    expect(without.warnings).toEqual([expect.stringMatching(/no masks of the extracted regions/)]);
  });

  it("follows from slices that are all there", async () => {
    const { parts, grid } = await readOne(await partCaps(slices), slice(true));
    expect([grid, parts.map(({ id }) => id), parts[0]!.placement]).toEqual([
      [7, 9, 6],
      [1, 2, 3, 4],
      { start: [1, 0, 0], size: [1, 9, 6], axis: 0 },
    ]);
    const { [slicePath(0)]: _, ...others } = slices;
    await expect(readOne(await partCaps(others), slice(true))).rejects.toThrow(
      /found the extracted slices 1 to 6, 6 of them, .* the number of planes of the image does not follow/,
    );
  });

  it("and their number follow from the image's NIfTI, of which only the header is read", async () => {
    const nifti = `subjects/sub-1/ses-M00/t1_linear/${stem}_T1w.nii.gz`;
    const { [slicePath(0)]: _, ...others } = slices;
    const damaged = Uint8Array.from(gzipSync(niftiOf([7, 9, 6], () => 0)));
    // The checksum of the voxels.
    damaged[damaged.length - 8]! ^= 1;
    const { grid, affine, parts } = await readOne(
      await partCaps({ ...others, [nifti]: damaged }),
      slice(true),
    );
    expect([grid, affine?.[0], parts.length]).toEqual([[7, 9, 6], [1, 0, 0, 0], 4]);
  });
});

describe("extracted slices", () => {
  it("that were constant hold NaN and become zeros, with a warning", async () => {
    const [, , part] = await readParts(await partCaps({ ...slices, ...image }), slice(true));
    expect(part!.name).toBe("slice-3");
    expect(part!.input.data.every((value) => value === 0)).toBe(true);
    expect(part!.warnings).toEqual(["the sagittal slice 3 is constant; it was made zero"]);
  });

  it("have been normalized: so are those that are cut out of the image in their stead", async () => {
    const extracted = await readParts(await partCaps({ ...slices, ...image }), slice(true), {
      normalize: false,
    });
    const cut = await readParts(await partCaps(image), slice(true), { normalize: false });
    expect(cut.map(({ input }) => sha256(input.data))).toEqual(
      extracted.map(({ input }) => sha256(input.data)),
    );
  });

  it("are refused where the network has seen slices that were not normalized", async () => {
    await expect(readOne(await partCaps(slices), slice(false), { normalize: false })).rejects.toThrow(
      /^sub-1 ses-M00 has extracted slices only, which are normalized/,
    );
  });
});

describe("names of extracted parts", () => {
  const folder = "subjects/sub-1/ses-M00/deeplearning_prepare_data";
  const volume = `${folder}/patch_based/custom/sub-1_ses-M00_T1w_segm-graymatter_space-Ixi549Space_modulated-off`;
  const volumeRoi = `${folder}/roi_based/custom/sub-1_ses-M00_T1w`;
  const extensive = `${folder}/roi_based/t1_extensive/sub-1_ses-M00`;
  const region = (uncropped: boolean) =>
    ({ mode: "roi", list: ["one"], uncropped, extracted: true }) as const;
  const cases: [Preprocessing, PartSettings, string][] = [
    ["t1-linear-downsampled", patch(true), patchPath(0).replace("1x1x1", "2x2x2")],
    ["t1-volume", patch(true), `${volume}_patchsize-4_stride-3_patch-0_probability.pt`],
    ["t1-volume", patch(true), `${volume}_probabil_patchsize-4_stride-3_patch-0_T1w.pt`.replace("probabil_", "probabi_")], // biome-ignore format: one line
    ["t1-volume", region(false), `${volumeRoi}_space-Ixi549Space_desc-CropRoi_roi-one_probability.pt`],
    ["t1-extensive", region(false), `${extensive}_space-Ixi549Space_desc-CropRoi_roi-one_T1w.pt`],
    [
      "t1-extensive",
      region(false),
      `${extensive}_space-Ixi549Space_desc-CropRoi_desc-skullstripped_roi-one_T1w.pt`,
    ],
    ["t1-extensive", region(true), `${extensive}_space-Ixi549Space__roi-one_T1w.pt`],
    ["t1-extensive", region(true), `${extensive}_space-Ixi549Space_desc-skullstripped_roi-one_T1w.pt`],
  ];
  it.each(cases)(
    "of %s are found as they were written and as they were sought (%#)",
    async (preprocessing, settings, path) => {
      const caps = await partCaps({
        [path]: settings.mode === "patch" ? "patch-0.pt" : "region-one-image.pt",
      });
      const { found } = await locateSessions([partSession()], {
        images: { preprocessing },
        settings,
        capsOf: () => caps,
      });
      const read = readSessions(found, { normalize: true, readAhead: 0 });
      const { value } = await read.next();
      expect(isFailure(value) ? value.error : value.files).toEqual([path]);
    },
  );
});
