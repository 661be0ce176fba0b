// Gradients carried back to the image, beside torch's autograd in float64: see fixtures/parts/make_parts.py.
import {
  isFailure,
  locateSessions,
  type PartSettings,
  readSessions,
  toImageGradient,
  toRawIntensities,
} from "@voxplain/caps-io";
import { elementCount, isVoxplainError, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import {
  partExpectations as expected,
  imagePath,
  maskPath,
  type Packed,
  partCaps,
  readOne,
  readParts,
  unpack,
} from "./part-fixtures.ts";

/** Slices as ClinicaDL 0.2 makes them. */
const resized = { channels: 3, resized: true } as const;

interface GradientCase {
  readonly mode: "image" | "patch" | "roi" | "slice";
  readonly index: number;
  readonly through: boolean;
  readonly uncropped?: boolean;
  readonly direction?: 0 | 1 | 2;
  readonly weights?: Packed;
  /** On the whole image. */
  readonly gradient: Packed;
}

function settingsOf({ mode, uncropped = false, direction = 0 }: GradientCase): PartSettings {
  if (mode === "patch") return { mode, size: 4, stride: 3, extracted: false };
  if (mode === "roi") return { mode, list: ["one", "two"], uncropped, extracted: false };
  if (mode === "slice") return { mode, direction, discarded: [1, 1], extracted: false, ...resized };
  return { mode: "image" };
}

const capsOf = () =>
  partCaps({
    [imagePath]: "image.pt",
    [maskPath("one")]: "one_mask.nii.gz",
    [maskPath("two")]: "two_mask.nii.gz",
  });

/** ((i · 7919) mod 2003) / 1001.5 − 1 at position i. */
const sliceWeights = Float32Array.from({ length: 3 * 224 * 224 }, (_, k) => ((k * 7919) % 2003) / 1001.5 - 1);

describe("a gradient of a part", () => {
  it.each(expected.gradients as GradientCase[])(
    "is torch's on the voxels of the image: $mode $index, uncropped $uncropped, direction $direction, through min-max: $through",
    async (one) => {
      const session = await readOne(await capsOf(), settingsOf(one), {
        normalize: one.through,
        keepOriginal: true,
      });
      const part = await session.read(one.index);
      const weights = one.weights ? (unpack(one.weights) as Float32Array) : sliceWeights;
      const map = tensor("float32", part.input.dims, weights);
      const carried = toImageGradient(map, part, { throughNormalization: one.through });
      const { start, size } = part.placement!;
      expect(carried.dims).toEqual(size);
      const onGrid = new Float32Array(7 * 9 * 6);
      carried.data.forEach((value, k) => {
        const [, sizeY = 0, sizeZ = 0] = size;
        const x = start[0]! + Math.floor(k / (sizeY * sizeZ));
        const y = start[1]! + (Math.floor(k / sizeZ) % sizeY);
        onGrid[(x * 9 + y) * 6 + start[2]! + (k % sizeZ)] = value;
      });
      const reference = unpack(one.gradient);
      const norm = Math.hypot(...reference);
      expect(norm).toBeGreaterThan(0);
      const difference = Math.hypot(...reference.map((value, k) => value - onGrid[k]!));
      // The reference is float64 rounded to float32; the weights of a resize are rounded to 2^-22.
      expect(difference / norm).toBeLessThan(one.mode === "slice" ? 3e-6 : 1e-7);
    },
  );

  it("of a normalized part stops at min-max where it is not asked to go through", async () => {
    const [part] = await readParts(await capsOf(), { mode: "patch", size: 4, stride: 3, extracted: false });
    const map = tensor(
      "float32",
      [1, 4, 4, 4],
      Float32Array.from({ length: 64 }, (_, k) => k - 20),
    );
    const carried = toImageGradient(map, part!, { throughNormalization: false });
    expect([carried.dims, carried.data]).toEqual([[4, 4, 4], map.data]);
  });

  it("may go through min-max alone and keep the shape of the input", async () => {
    const settings = { mode: "roi", list: ["two"], uncropped: false, extracted: false } as const;
    for (const normalize of [true, false]) {
      const [part] = await readParts(await capsOf(), settings, { normalize, keepOriginal: true });
      const map = tensor(
        "float32",
        [1, 3, 3, 3],
        Float32Array.from({ length: 27 }, (_, k) => (k * k) % 7),
      );
      const raw = toRawIntensities(map, part!);
      expect(raw.dims).toEqual([1, 3, 3, 3]);
      // What is left to do is to put its rows into the box of the mask.
      const unnormalized = { ...part!, transform: { ...part!.transform, minMax: "none" } } as const;
      expect(toImageGradient(raw, unnormalized, { throughNormalization: false })).toEqual(
        toImageGradient(map, part!, { throughNormalization: true }),
      );
      expect(raw.data.join() === map.data.join()).toBe(!normalize);
    }
    const [slice] = await readParts(
      await capsOf(),
      { mode: "slice", direction: 0, discarded: [1, 1], extracted: false, ...resized },
      { keepOriginal: true },
    );
    const onSlice = tensor("float32", [3, 224, 224], sliceWeights);
    expect(toRawIntensities(onSlice, slice!)).toBe(onSlice);
  });

  it("of a constant part is zero beyond min-max", async () => {
    const settings = { mode: "patch", size: 1, stride: 6, extracted: false } as const;
    const [part] = await readParts(await capsOf(), settings, { keepOriginal: true });
    const map = tensor("float32", [1, 1, 1, 1], Float32Array.of(5));
    expect(toImageGradient(map, part!, { throughNormalization: true }).data).toEqual(Float32Array.of(0));
  });

  it("may be of one channel where the input has three copies", async () => {
    const settings = {
      mode: "slice",
      direction: 1,
      discarded: [2, 2],
      extracted: false,
      ...resized,
    } as const;
    const [part] = await readParts(await capsOf(), settings);
    const plane = sliceWeights.subarray(0, 224 * 224);
    const three = new Float32Array(3 * plane.length);
    three.set(plane, plane.length);
    const options = { throughNormalization: false };
    expect(toImageGradient(tensor("float32", [1, 224, 224], plane.slice()), part!, options)).toEqual(
      toImageGradient(tensor("float32", [3, 224, 224], three), part!, options),
    );
  });

  it("needs the original values to go through min-max, and the shape of the part", async () => {
    const settings = { mode: "patch", size: 4, stride: 3, extracted: false } as const;
    const [part] = await readParts(await capsOf(), settings);
    const map = tensor("float32", [1, 4, 4, 4], new Float32Array(64));
    expect(() => toImageGradient(map, part!, { throughNormalization: true })).toThrow(
      /^the gradient of patch-0 cannot be carried through its normalization: .*keepOriginal/,
    );
    const other = tensor("float32", [1, 4, 4, 3], new Float32Array(48));
    expect(() => toImageGradient(other, part!, { throughNormalization: false })).toThrow(
      /^patch-0 has the shape \[1, 4, 4, 4\], its map has \[1, 4, 4, 3\]/,
    );
  });
});

describe("a 2D image", () => {
  it("is an image of one part, whose gradient keeps its shape", async () => {
    const caps = await partCaps({ "subjects/sub-1_ses-M00_phantom-SheppLogan.pt": "slice-1.pt" });
    const { found } = await locateSessions(
      [
        {
          name: "sub-1 ses-M00",
          participantId: "sub-1",
          sessionId: "ses-M00",
          diagnosis: "AD",
          cohort: "single",
          row: {},
        },
      ],
      { images: { preprocessing: "shepplogan" }, settings: { mode: "image" }, capsOf: () => caps },
    );
    for await (const session of readSessions(found, { normalize: true, readAhead: 0, keepOriginal: true })) {
      if (isFailure(session)) throw session.error;
      expect(session.grid).toEqual([9, 6]);
      const part = await session.read(0);
      expect(part.input.dims).toEqual([3, 9, 6]);
      expect(part.placement).toEqual({ start: [0, 0], size: [9, 6] });
      const map = tensor("float32", [3, 9, 6], new Float32Array(elementCount([3, 9, 6])).fill(1));
      expect(toImageGradient(map, part, { throughNormalization: false })).toEqual(map);
      // Σ (x − min) / (max − min) does not change when all values grow alike.
      const raw = toImageGradient(map, part, { throughNormalization: true });
      expect(raw.dims).toEqual([3, 9, 6]);
      expect(raw.data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 4);
    }
  });

  it.each([
    { mode: "patch", size: 2, stride: 2, extracted: false },
    { mode: "roi", list: undefined, uncropped: false, extracted: false },
    { mode: "slice", direction: 0, discarded: [0, 0], extracted: false, ...resized },
  ] as PartSettings[])("has no parts: $mode", async (settings) => {
    const caps = await partCaps({});
    const located = locateSessions([], {
      images: { preprocessing: "shepplogan" },
      settings,
      capsOf: () => caps,
    });
    const failure = await located.catch((error: unknown) => error);
    expect(isVoxplainError(failure, "unsupported"), String(failure)).toBe(true);
  });
});
