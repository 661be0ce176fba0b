// Parts that are cut out of whole images, beside torch, torchvision and nibabel: see fixtures/parts/make_parts.py.
import { imagePaths, type PartSettings } from "@voxplain/caps-io";
import { type Preprocessing, toBytes } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { niftiOf } from "./nifti-of.ts";
import {
  partExpectations as expected,
  imagePath,
  maskPath,
  type Packed,
  partCaps,
  partFixture,
  participant,
  readOne,
  readParts,
  sha256,
  unpack,
} from "./part-fixtures.ts";

const patch = (size: number, stride: number) => ({ mode: "patch", size, stride, extracted: false }) as const;
const roi = (list: readonly string[] | undefined, uncropped = false) =>
  ({ mode: "roi", list, uncropped, extracted: false }) as const;
const slice = (direction: 0 | 1 | 2, discarded: readonly [number, number]) =>
  ({ mode: "slice", direction, discarded, extracted: false, channels: 3, resized: true }) as const;
const capsOf = (name = "image.pt") =>
  partCaps({
    [imagePath]: name,
    [maskPath("one")]: "one_mask.nii.gz",
    [maskPath("two")]: "two_mask.nii.gz",
    [maskPath("empty")]: "empty_mask.nii.gz",
    [maskPath("grey")]: "two_valued_mask.nii.gz",
    [maskPath("other")]: "other_grid_mask.nii.gz",
  });

describe("patches", () => {
  it.each(
    expected.patches as { size: number; stride: number; count: number; raw: string; normalized: string }[],
  )(
    "of size $size and stride $stride are torch's windows in torch's order",
    async ({ size, stride, count, raw, normalized }) => {
      const caps = await capsOf();
      const parts = await readParts(caps, patch(size, stride), { normalize: false });
      expect(parts).toHaveLength(count);
      expect(parts.every(({ input }) => input.dims.join() === [1, size, size, size].join())).toBe(true);
      expect(sha256(...parts.map(({ input }) => input.data))).toBe(raw);
      const minMax = await readParts(caps, patch(size, stride));
      expect(sha256(...minMax.map(({ input }) => input.data))).toBe(normalized);
    },
  );

  it("have positions, the last axis first", async () => {
    const { parts, grid } = await readOne(await capsOf(), patch(3, 2));
    expect(grid).toEqual([7, 9, 6]);
    expect(parts).toHaveLength(3 * 4 * 2);
    expect(parts[1]).toEqual({
      index: 1,
      id: 1,
      name: "patch-1",
      label: "patch 1",
      placement: { start: [0, 0, 2], size: [3, 3, 3] },
    });
    expect(parts.slice(2, 9).map(({ placement }) => placement?.start)).toEqual(
      [[0, 2, 0], [0, 2, 2], [0, 4, 0], [0, 4, 2], [0, 6, 0], [0, 6, 2], [2, 0, 0]], // biome-ignore format: one line per row
    );
  });

  it("that are constant become zeros, with a warning of their own", async () => {
    const parts = await readParts(await capsOf(), patch(1, 6));
    expect(parts.map(({ transform }) => transform.minMax)).toEqual(parts.map(() => "constant"));
    expect(parts[1]!.warnings).toEqual(["the patch 1 is constant; it was made zero"]);
    expect(parts[1]!.input.data).toEqual(new Float32Array(1));
  });

  it("of the images of t1-linear are 36", async () => {
    const nifti = imagePaths({ preprocessing: "t1-linear" }, participant, "ses-M00").nifti!;
    const full = await partCaps({ [nifti]: fullImage() });
    const { parts } = await readOne(full, patch(50, 50));
    expect(parts).toHaveLength(36);
    expect(parts[35]?.placement?.start).toEqual([100, 150, 100]);
  });
});

/** Voxel (x, y, z) is (7x + 13y + 29z + xyz) mod 251. */
const fullImage = () => niftiOf([169, 208, 179], (x, y, z) => (7 * x + 13 * y + 29 * z + x * y * z) % 251);

describe("the hippocampi", () => {
  it("are torch's two crops, the right one first", async () => {
    const nifti = imagePaths({ preprocessing: "t1-linear" }, participant, "ses-M00").nifti!;
    const caps = await partCaps({ [nifti]: fullImage() });
    for (const normalize of [true, false]) {
      const parts = await readParts(caps, roi(undefined), { normalize });
      expect(parts.map(({ input }) => sha256(input.data))).toEqual(
        expected.hippocampi.map((crop: Record<string, string>) => crop[normalize ? "normalized" : "raw"]),
      );
      expect(parts.map(({ id, name, label, placement }) => ({ id, name, label, placement }))).toEqual([
        {
          id: 0,
          name: "roi-0",
          label: "right hippocampus",
          placement: { start: [84, 71, 43], size: [50, 50, 50] },
        },
        {
          id: 1,
          name: "roi-1",
          label: "left hippocampus",
          placement: { start: [36, 71, 43], size: [50, 50, 50] },
        },
      ]);
    }
  });

  it("do not fit into a smaller image", async () => {
    await expect(readOne(await capsOf(), roi(undefined))).rejects.toThrow(
      /^sub-1 ses-M00: caps\/.*\.pt: the right hippocampus is looked for around voxel 109, 96, 68 .* the image has 7×9×6/,
    );
  });
});

describe("regions of masks", () => {
  it.each(expected.regions as { name: string; uncropped: boolean; raw: Packed; normalized: Packed }[])(
    "are nibabel's and numpy's: $name, uncropped: $uncropped",
    async ({ name, uncropped, raw, normalized }) => {
      const caps = await capsOf();
      for (const normalize of [true, false]) {
        const [part] = await readParts(caps, roi([name], uncropped), { normalize });
        const reference = normalize ? normalized : raw;
        expect(part!.input.dims).toEqual(reference.dims);
        expect(Array.from(part!.input.data, (value) => value + 0)).toEqual(
          Array.from(unpack(reference), (value) => value + 0),
        );
      }
    },
  );

  it("have names, and the box of their mask as position", async () => {
    const { parts } = await readOne(await capsOf(), roi(["two", "one"]));
    expect(parts.map(({ index, id, name, label }) => [index, id, name, label])).toEqual([
      [0, 0, "roi-two", "two"],
      [1, 1, "roi-one", "one"],
    ]);
    const [two, one] = parts.map(({ placement }) => placement!);
    expect([two!.start, two!.size, two!.mask?.reduce((sum, value) => sum + value)]).toEqual([
      [0, 1, 0],
      [6, 6, 5],
      2 * 2 * 2 + 1,
    ]);
    expect([one!.start, one!.size, one!.mask?.reduce((sum, value) => sum + value)]).toEqual([
      [1, 2, 1],
      [3, 5, 4],
      3 * 5 * 4 - 3,
    ]);
  });

  it.each([
    [["empty"], /roi-empty_mask\.nii\.gz: the mask is empty/],
    [["grey"], /roi-grey_mask\.nii\.gz: not a mask: expected voxels of 0 and 1, found 2/],
    [["one", "absent"], /^there is no mask caps\/masks\/roi_based\/.*_roi-absent_mask\.nii\.gz/],
    [["other"], /^sub-1 ses-M00: .*it has 7×9×6 voxels, but the mask .*_roi-other_mask\.nii\.gz has 6×9×6/],
    [["../one"], /^"\.\.\/one" cannot be the name of a region of interest/],
    [["one", "two", "one"], /names "one" twice/],
    [[], /the list of regions is empty/],
  ])("are refused where a mask is wrong: %j", async (list, message) => {
    await expect(readOne(await capsOf(), roi(list))).rejects.toThrow(message);
  });
});

describe("slices", () => {
  it.each(
    expected.slices as {
      source: string;
      normalize: boolean;
      direction: 0 | 1 | 2;
      planes: (string | null)[];
    }[],
  )(
    "are torchvision's bytes: $source, direction $direction, normalized: $normalize",
    async ({ source, normalize, direction, planes }) => {
      const parts = await readParts(await capsOf(`${source}.pt`), slice(direction, [1, 2]), { normalize });
      expect(parts).toHaveLength(planes.length);
      expect(parts.every(({ input }) => input.dims.join() === "3,224,224")).toBe(true);
      const sums = parts.map(({ input, transform }) =>
        transform.minMax === "constant" ? null : sha256(input.data),
      );
      expect(sums).toEqual(planes);
    },
  );

  it("are named after their plane and have its position", async () => {
    const { parts } = await readOne(await capsOf(), slice(1, [2, 3]));
    expect(parts.map(({ name }) => name)).toEqual(["slice-2", "slice-3", "slice-4", "slice-5"]);
    expect(parts[1]).toEqual({
      index: 1,
      id: 3,
      name: "slice-3",
      label: "coronal slice 3",
      placement: { start: [0, 3, 0], size: [7, 1, 6], axis: 1 },
    });
  });

  it("that are constant become zeros, with a warning", async () => {
    const parts = await readParts(await capsOf(), slice(0, [3, 3]));
    expect(parts).toHaveLength(1);
    expect(parts[0]!.input.data.every((value) => value === 0)).toBe(true);
    expect(parts[0]!.warnings).toEqual(["the sagittal slice 3 is constant; it was made zero"]);
  });

  it("say when values wrap around in 8 bits", async () => {
    const [part] = await readParts(await capsOf("small.pt"), slice(2, [1, 2]), { normalize: false });
    expect(part!.warnings).toEqual([
      expect.stringMatching(/^the axial slice 1 has values outside 0 to 1, .* wrap/),
    ]);
  });
});

describe("parts", () => {
  const cases: [string, PartSettings, RegExp, Preprocessing?][] = [
    ["patches larger than the image", patch(7, 1), /^sub-1 ses-M00: .*7×9×6 voxels has no patch of 7×7×7/],
    [
      "slices that are all discarded",
      slice(2, [3, 3]),
      /^sub-1 ses-M00: .*of 6 axial planes 3 are discarded/,
    ],
    ["patches without a size", patch(0, 1), /the size of a patch is 0/],
    ["patches without a stride", patch(3, 0), /the stride of patches is 0/],
    ["half a discarded slice", slice(0, [0.5, 1]), /discarded slices is 0\.5/],
    ["uncropped hippocampi", roi(undefined, true), /hippocampi are crops/],
  ];
  it.each(cases)("that cannot be are refused: %s", async (_, settings, message) => {
    await expect(readOne(await capsOf(), settings)).rejects.toThrow(message);
  });

  it("that are too many are refused before they fill the memory", async () => {
    const nifti = imagePaths({ preprocessing: "t1-linear" }, participant, "ses-M00").nifti!;
    const caps = await partCaps({ [nifti]: niftiOf([60, 60, 60], () => 1) });
    await expect(readOne(caps, patch(3, 1))).rejects.toThrow(/has 195112 patches of size 3 and stride 1/);
  });

  it("may be read in any order and again, and leave the file's bytes alone", async () => {
    const caps = await capsOf();
    const session = await readOne(caps, patch(4, 3));
    const last = await session.read(3);
    const again = await session.read(3);
    expect(toBytes(again.input)).toEqual(toBytes(last.input));
    expect((await (await caps.open(imagePath))!.read(0, 2213)).slice()).toEqual(partFixture("image.pt"));
    await expect(session.read(4)).rejects.toThrow(RangeError);
  });

  it("keep their values where they are asked to", async () => {
    const settings: PartSettings[] = [{ mode: "image" }, patch(4, 3), roi(["two"]), slice(2, [1, 2])];
    for (const one of settings) {
      const caps = await capsOf();
      const [raw] = await readParts(caps, one, { normalize: false });
      const [kept] = await readParts(caps, one, { keepOriginal: true });
      const [without] = await readParts(caps, one);
      expect(without!.original).toBeUndefined();
      expect(sha256(kept!.input.data)).toBe(sha256(without!.input.data));
      if (one.mode === "slice") expect(kept!.original!.dims).toEqual([1, 7, 9]);
      else expect(kept!.original).toEqual(raw!.input);
    }
  });
});
