// Parts of images and their transforms against what ClinicaDL 1.6.1 itself made of them: fixtures/maps-parts.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  fileLocator,
  type ImageInput,
  isFailure,
  locateSessions,
  type PartSettings,
  readSessions,
  toImageGradient,
  toRawIntensities,
} from "@voxplain/caps-io";
import { type CapsImages, encodeNpy, memoryFiles, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { countParts } from "../src/parts/count-parts.ts";
import { findSessionFiles } from "../src/parts/find-session-files.ts";
import { transformPart } from "../src/parts/transform-part.ts";
import { reduced, reductionOf } from "../src/transforms/size-reduction.ts";
import { niftiOf } from "./nifti-of.ts";
import { type Packed, partSession, unpack } from "./part-fixtures.ts";

const treeOf = (root: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath.slice(root.length + 1)}/${name}`.replace(/^\//, ""));
const folder = fileURLToPath(new URL("fixtures/maps-parts/", import.meta.url));
const expected = JSON.parse(readFileSync(`${folder}expected.json`, "utf8"));
const files = treeOf(`${folder}caps`);
const session = { ...partSession("sub-1"), sessionId: "ses-M000", name: "sub-1 ses-M000" };
const t1 = { preprocessing: "t1-linear", generation: "1.x" } as const satisfies CapsImages;
const content = (path: string) => new Uint8Array(readFileSync(`${folder}caps/${path}`));
const capsOf = (paths: readonly string[], caps = memoryFiles(undefined, "caps")) => {
  for (const path of paths) caps.write(path, content(path));
  return caps;
};
const whole = capsOf(files);
const imagePath = files.find((path) => path.endsWith(".pt"))!;
const niftiPath = files.find((path) => path.includes("/t1_linear/") && path.endsWith(".nii.gz"))!;

interface Mode {
  readonly options: Readonly<Record<string, never>>;
  readonly ids: readonly number[];
  readonly dims: readonly (readonly number[])[];
  readonly normalized: string;
  readonly raw: string;
  readonly files: readonly string[];
}
const modes: readonly (readonly [string, Mode])[] = Object.entries(expected.modes);

function settingsOf(name: string, options: Mode["options"], extracted = false): PartSettings {
  const [mode] = name.split("-");
  if (mode === "image") return { mode };
  if (mode === "patch") {
    return { mode, size: options.patch_size!, stride: options.stride_size!, extracted };
  }
  if (mode === "roi") {
    return { mode, list: options.roi_list!, uncropped: options.uncropped_roi!, extracted };
  }
  const [first = 0, last = first] = options.discarded_slices! as readonly number[];
  return {
    ...{ mode: "slice", direction: options.slice_direction!, discarded: [first, last], extracted },
    ...{ channels: options.slice_mode === ("rgb" as never) ? 3 : 1, resized: false },
  };
}

async function readOne(
  settings: PartSettings,
  { images = t1 as CapsImages, caps = whole, normalize = true, keepOriginal = false } = {},
): Promise<ImageInput> {
  const { found, failures } = await locateSessions([session], { images, settings, capsOf: () => caps });
  for (const { error } of failures) throw error;
  for await (const item of readSessions(found, { normalize, keepOriginal, readAhead: 0 })) {
    if (isFailure(item)) throw item.error;
    return item;
  }
  throw new Error("nothing was read");
}

async function inputsOf(image: ImageInput) {
  return Promise.all(image.parts.map(async ({ index }) => (await image.read(index)).input));
}

function sha256(arrays: readonly Float32Array[]): string {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
}

describe.each(modes)("%s mode, to the bit as ClinicaDL 1.6.1", (name, mode) => {
  const settings = settingsOf(name, mode.options);

  it.each([
    ["normalized", true, mode.normalized],
    ["as they are stored", false, mode.raw],
  ])("has the same parts, %s, in the same order with the same ids", async (_, normalize, hash) => {
    const image = await readOne(settings, { normalize });
    const inputs = await inputsOf(image);
    expect(image.parts.map(({ id }) => id)).toEqual(mode.ids);
    expect(image.parts.map(({ index }) => index)).toEqual([...mode.ids.keys()]);
    expect(inputs.map(({ dims }) => dims)).toEqual(mode.dims);
    expect(sha256(inputs.map(({ data }) => data))).toBe(hash);
    expect(countParts(settings, [12, 13, 11])).toBe(mode.ids.length);
  });

  // A whole image has no parts in files of their own.
  if (name === "image") return;

  it("finds extracted parts under the names that it writes", async () => {
    const caps = capsOf(files.filter((path) => path.startsWith("masks/")));
    const image = await readOne(settings, { normalize: false });
    const inputs = await inputsOf(image);
    const extracted = new Map<string, Uint8Array>();
    const options = { images: t1, settings: settingsOf(name, mode.options, true), capsOf: () => caps };
    for (const path of mode.files) await caps.write(path, new Uint8Array(1));
    const [found] = (await findSessionFiles([session], options)).found;
    for (const { id } of image.parts) extracted.set(found!.extracted!.pathOf(id), new Uint8Array());
    expect([...extracted.keys()].sort()).toEqual(mode.files);
    expect(inputs).toHaveLength(mode.files.length);
  });
});

it("planes are named by their index in the image, also where some are discarded", async () => {
  const { parts } = await readOne(settingsOf("slice-coronal", expected.modes["slice-coronal"].options));
  expect(parts[0]).toMatchObject({ index: 0, id: 1, name: "slice-1", placement: { start: [0, 1, 0] } });
});

it("num_slices is how many planes are used, whatever is discarded at the end", async () => {
  const plane = { mode: "slice", direction: 2, channels: 1, resized: false, extracted: false } as const;
  const settings = { ...plane, discarded: [3, 5], count: 6 } as const;
  const { parts } = await readOne(settings);
  expect(parts.map(({ id }) => id)).toEqual([3, 4, 5, 6, 7, 8]);
  await expect(readOne({ ...settings, count: 9 })).rejects.toThrow(
    "of 11 axial planes 3 are discarded at the beginning, and 9 are to be used",
  );
});

it("NaN becomes 0, with a warning that counts it; of 0.2 it is refused", async () => {
  const { warnings } = await readOne({ mode: "image" });
  expect(warnings).toEqual([expect.stringMatching(/^\d+ of 1716 values are NaN: they were made 0/)]);
  const images = { preprocessing: "t1-linear" } as const;
  await expect(readOne({ mode: "image" }, { images })).rejects.toThrow("values are NaN or infinite");
});

it("NaN in a NIfTI becomes 0 with the same warning, in a CAPS without tensors and in a file elsewhere", async () => {
  const caps = capsOf([niftiPath]);
  const withNaN = /^(\d+) of 1716 values are NaN: they were made 0, as in the training$/;
  expect((await readOne({ mode: "image" }, { caps })).warnings).toEqual([expect.stringMatching(withNaN)]);
  const locate = fileLocator({ images: t1, settings: { mode: "image" } });
  const { read } = await locate({ session, place: { source: caps, below: niftiPath } });
  const listed = await read({ normalize: true });
  expect(isFailure(listed) ? listed : listed.warnings).toEqual([expect.stringMatching(withNaN)]);
});

it("infinite values are refused", async () => {
  const values = Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, 2);
  const source = memoryFiles(new Map([["a.npy", encodeNpy(tensor("float32", [1, 2, 2], values))]]), "files");
  const locate = fileLocator({ images: t1, settings: { mode: "image" } });
  const { read } = await locate({ session, place: { source, below: "a.npy" } });
  await expect(read({ normalize: true })).rejects.toThrow("1 of 4 values are NaN or infinite");
});

describe.each(["patch", "roi-cropped", "slice-sagittal", "slice-coronal"])("extracted parts, %s", (name) => {
  const mode: Mode = expected.modes[name];
  const root = `${folder}extracted/${name}`;

  it.each([
    ["with the image and the masks", () => true],
    ["with the masks, without the image", (path: string) => path.startsWith("masks/")],
    ["alone", () => false],
  ])("are read to the bit as ClinicaDL 1.6.1, %s", async (_, isThere) => {
    const caps = capsOf(files.filter(isThere));
    for (const path of treeOf(root)) await caps.write(path, new Uint8Array(readFileSync(`${root}/${path}`)));
    const image = await readOne(settingsOf(name, mode.options, true), { caps });
    expect(image.files.toSorted()).toEqual(mode.files);
    expect(image.parts.map(({ id }) => id)).toEqual(mode.ids);
    expect(sha256((await inputsOf(image)).map(({ data }) => data))).toBe(mode.normalized);
  });
});

describe("regions of interest", () => {
  const one = { mode: "roi", list: ["one"], uncropped: false, extracted: false } as const;

  it.each(["o*", "on?"])("a name with * or ? is refused, not matched: %s", async (name) => {
    const options = { images: t1, settings: { ...one, list: [name] }, capsOf: () => whole };
    await expect(findSessionFiles([session], options)).rejects.toThrow(
      `"${name}" cannot be the name of a region of interest`,
    );
  });

  it("the first mask by name counts, of those with _desc-Crop_, in masks/tpl-<template>", async () => {
    const { found } = await findSessionFiles([session], { images: t1, settings: one, capsOf: () => whole });
    expect(found[0]?.masks?.map(({ file }) => file)).toEqual([
      "caps/masks/tpl-MNI152NLin2009cSym/tpl-MNI152NLin2009cSym_desc-Crop_res-1x1x1_roi-one_mask.nii.gz",
    ]);
  });

  it("a mask without _desc-Crop_ is none, and the error says how it must be called", async () => {
    const caps = capsOf(
      files.filter((path) => !path.includes("desc-Crop_res-1x1x1_roi-one") && !path.includes("zzz")),
    );
    await expect(readOne(one, { caps })).rejects.toThrow(
      'there is no mask caps/masks/tpl-MNI152NLin2009cSym/*res-1x1x1*_roi-one_mask.nii*: it is needed to cut the region out of the images; its name must have "_desc-Crop_"',
    );
  });

  it("those of another CAPS are used where they are named", async () => {
    const own = capsOf([imagePath]);
    const options = { images: t1, settings: one, capsOf: () => own, masks: [whole] };
    expect((await locateSessions([session], options)).found[0]?.regions).toMatchObject([
      { name: "one", dims: [1, 5, 5, 8] },
    ]);
  });

  it("an image of another size than the mask is refused", async () => {
    const caps = capsOf(files.filter((path) => path.startsWith("masks/")));
    await caps.write(
      niftiPath,
      niftiOf([9, 9, 9], () => 1),
    );
    await expect(readOne(one, { caps })).rejects.toThrow(/has 9×9×9 voxels, but the mask .* has 12×13×11/);
  });
});

describe.each<[string, Readonly<Record<string, readonly string[]>>]>(Object.entries(expected.names))(
  "files that ClinicaDL 1.6.1 extracts of %s are found",
  (title, names) => {
    const images: CapsImages = {
      generation: "1.x",
      ...(title.includes("t1-linear") && { preprocessing: "t1-linear" }),
      ...(title.startsWith("uncropped") && { uncropped: true }),
      ...(title === "flair-linear" && { preprocessing: "flair-linear" }),
      ...(title === "pet-linear" && {
        ...{ preprocessing: "pet-linear", tracer: "18FFDG", suvrReferenceRegion: "pons2" },
      }),
      ...(title === "custom" && {
        ...{ preprocessing: "custom", customSuffix: "_desc-mine_T1w.nii.gz" },
        ...{ maskTemplate: "Mine", maskPattern: "_res-2" },
      }),
    } as CapsImages;
    const settings: Readonly<Record<string, PartSettings>> = {
      image: { mode: "image" },
      patch: { mode: "patch", size: 5, stride: 6, extracted: true },
      roi: { mode: "roi", list: ["one"], uncropped: false, extracted: true },
      slice: {
        ...{ mode: "slice", direction: 1, discarded: [6, 6], extracted: true, channels: 1, resized: false },
      },
    };

    it.each([
      ["the image alone", false],
      ["the parts beside the image", true],
    ])("%s", async (_, hasImage) => {
      for (const [mode, paths] of Object.entries(names)) {
        const there = [...paths, ...(hasImage ? names.image! : [])];
        const caps = memoryFiles(new Map(there.map((path) => [path, new Uint8Array(1)])), "caps");
        const options = { images, settings: settings[mode]!, capsOf: () => caps };
        const { found, failures } = await findSessionFiles([session], options);
        expect(failures).toEqual([]);
        const { image, extracted } = found[0]!;
        if (mode === "image") expect(image?.path).toBe(paths[0]);
        else expect(extracted!.ids.map((id) => extracted!.pathOf(id)).sort()).toEqual(paths);
      }
    });
  },
);

describe("size reduction", () => {
  it.each<{ factor: 2 | 3 | 4 | 5; image: Packed; input: Packed }>(expected.reductions)(
    "by $factor of $image.dims, to the bit as ClinicaDL 1.6.1, after min-max over the whole image",
    ({ factor, image, input: after }) => {
      const { input } = reducedImage(image, factor);
      expect(input.dims).toEqual(after.dims);
      expect(input.data).toEqual(unpack(after));
    },
  );

  it.each<{ factor: 2 | 3 | 4 | 5; dims: readonly number[]; sha256: string }>(expected.full)(
    "by $factor leaves $dims of an image of t1-linear",
    ({ factor, dims, sha256: hash }) => {
      const grid = [169, 208, 179];
      const reduction = reductionOf(grid, factor);
      expect([1, ...reduction.size]).toEqual(dims);
      expect(
        sha256([
          reduced(
            Float32Array.from({ length: 169 * 208 * 179 }, (_, k) => k),
            reduction,
          ),
        ]),
      ).toBe(hash);
    },
  );

  it("the map has the affine of the voxels that are left", async () => {
    const settings = { mode: "image", sizeReduction: 3 } as const;
    const stored = await readOne({ mode: "image" });
    const image = await readOne(settings);
    expect(image.grid).toEqual([4, 2, 3]);
    const inWhole = stored.affine!.map((row) => row[0] * 9 + row[1] * 11 + row[2] * 10 + row[3]);
    expect(image.affine!.map((row) => row[0] * 3 + row[1] * 1 + row[2] * 2 + row[3])).toEqual(
      inWhole.map((value) => expect.closeTo(value, 9)),
    );
    expect(image.affine!.map((row) => row[2])).toEqual(stored.affine!.map((row) => 3 * row[2]).with(3, 0));
    const { found } = await locateSessions([session], { images: t1, settings, capsOf: () => whole });
    expect(await found[0]?.grid()).toMatchObject({ shape: image.grid, affine: image.affine });
  });

  it("an image that nothing is left of is refused by its header", async () => {
    const caps = memoryFiles(new Map([[niftiPath, niftiOf([12, 8, 11], () => 1)]]), "caps");
    const settings = { mode: "image", sizeReduction: 2 } as const;
    const { found } = await locateSessions([session], { images: t1, settings, capsOf: () => caps });
    expect((await found[0]?.grid())?.problem?.message).toBe(
      `sub-1 ses-M000: caps/${niftiPath}: size reduction by 2 leaves no voxel of it: expected more than 4×8×8 voxels, found 12×8×11`,
    );
  });

  it.each<{ factor: 2 | 3 | 5; image: Packed; map: Packed; atIntensities: Packed }>(expected.gradients)(
    "by $factor: a map carried to the intensities is the gradient of autograd in float64",
    ({ factor, image, map, atIntensities }) => {
      const part = reducedImage(image, factor);
      const gradient = tensor("float32", map.dims, unpack(map) as Float32Array);
      const onGrid = toImageGradient(gradient, part, { throughNormalization: true });
      const wanted = Float32Array.from(unpack(atIntensities));
      expect(onGrid.dims).toEqual(image.dims.slice(1));
      expect(worst(onGrid.data, wanted)).toBeLessThan(1e-6);
      // At the network's voxels alone, the same values.
      const left = reduced(wanted, part.transform.reduction!);
      expect(worst(toRawIntensities(gradient, part).data, left)).toBeLessThan(1e-6);
      // Without min-max: zeros wherever no voxel is left.
      const plain = toImageGradient(gradient, part, { throughNormalization: false });
      expect(reduced(plain.data, part.transform.reduction!)).toEqual(gradient.data);
      expect(plain.data.filter((value) => value !== 0)).toHaveLength(gradient.data.length);
    },
  );

  function reducedImage({ dims, ...values }: Packed, sizeReduction: 2 | 3 | 4 | 5) {
    const grid = dims.slice(1);
    const placement = { start: [0, 0, 0], size: grid };
    return transformPart(
      { index: 0, id: 0, name: "image", label: "image", placement },
      { dims, data: unpack({ dims, ...values }) as Float32Array, owned: false },
      { mode: "image", sizeReduction },
      { normalize: true, keepOriginal: true },
    );
  }
});

function worst(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  const scale = Math.max(...Array.from(wanted, Math.abs));
  return Math.max(...Array.from(wanted, (value, k) => Math.abs(found[k]! - value))) / scale;
}

describe("an image in a file of its own gives what a CAPS gives, to the bit", () => {
  const place = async (path: string) => ({ session, place: { source: await loose, below: path } });
  const loose = (async () => {
    const source = memoryFiles(undefined, "anywhere");
    await source.write("a.pt", content(imagePath));
    await source.write("a.nii.gz", content(niftiPath));
    const [part] = await inputsOf(await readOne({ mode: "image" }, { normalize: false }));
    const { data } = part!;
    await source.write("a.npy", encodeNpy(tensor("float32", [12, 13, 11], data)));
    await source.write("channel.npy", encodeNpy(tensor("float32", [1, 12, 13, 11], data)));
    await source.write("behind.npy", encodeNpy(tensor("float32", [12, 13, 11, 1], data)));
    return source;
  })();
  const cases = modes.flatMap(([name, mode]) =>
    ["a.pt", "a.nii.gz", "a.npy", "channel.npy", "behind.npy"].map((path) => [path, name, mode] as const),
  );

  it.each(cases)("%s, in %s mode", async (path, name, mode) => {
    const locate = fileLocator({
      images: t1,
      settings: settingsOf(name, mode.options, true),
      masks: [whole],
    });
    const located = await locate(await place(path));
    const image = await located.read({ normalize: true });
    const inputs = await inputsOf(image);
    expect(image.parts.map(({ id }) => id)).toEqual(mode.ids);
    expect(sha256(inputs.map(({ data }) => data))).toBe(mode.normalized);
    const inCaps = await readOne(settingsOf(name, mode.options));
    expect({ grid: image.grid, parts: image.parts }).toEqual({ grid: inCaps.grid, parts: inCaps.parts });
    const { shape, affine } = await located.grid();
    expect(shape).toEqual(inCaps.grid);
    if (path === "a.nii.gz")
      expect({ affine, ofImage: image.affine }).toEqual({ affine: inCaps.affine, ofImage: inCaps.affine });
    expect(image).toMatchObject({ session, files: [path] });
  });

  it("size reduction and its affine too", async () => {
    const settings = { mode: "image", sizeReduction: 2 } as const;
    const locate = fileLocator({ images: t1, settings });
    const located = await locate(await place("a.nii.gz"));
    const image = await located.read({ normalize: true });
    const inCaps = await readOne(settings);
    expect(image.affine).toEqual(inCaps.affine);
    expect((await inputsOf(image))[0]).toEqual((await inputsOf(inCaps))[0]);
  });

  it("what is wrong with a file is the problem of its grid", async () => {
    const locate = fileLocator({
      images: t1,
      settings: { mode: "patch", size: 5, stride: 4, extracted: false },
    });
    const { problem } = await (await locate(await place("none.nii"))).grid();
    expect(problem?.message).toBe("sub-1 ses-M000: anywhere/none.nii: there is no such file");
  });

  it("regions without a CAPS that has their masks are refused", async () => {
    const locate = fileLocator({
      images: t1,
      settings: { mode: "roi", list: ["one"], uncropped: false, extracted: false },
    });
    await expect(locate(await place("a.pt"))).rejects.toThrow(
      /there is no mask masks\/tpl-.*a CAPS that has it is needed/,
    );
  });
});
