import { gunzipSync } from "node:zlib";
import { type Affine, identityAffine, type Volume } from "@voxplain/core";
import { gzipInPool } from "@voxplain/core/node";
import { encodeNifti, encodeNiftiGz } from "@voxplain/writers";
import { describe, expect, it } from "vitest";
import { fixture, jsonFixture, rampOf } from "./fixture.ts";

const affines = jsonFixture("affines.json") as Record<string, Affine>;
const shape = [5, 7, 6] as const;
const volume = (affine: Affine): Volume => ({ data: rampOf(shape).data, shape, affine });
const units = 123;
const quaternion = [256, 260, 264];

describe("encodeNifti", () => {
  it.each(Object.keys(affines))("writes nibabel's bytes, and mm for its unknown unit: %s", (name) => {
    const expected = fixture(`${name}.nii`);
    const file = encodeNifti(volume(affines[name]!));
    expect(expected[units]).toBe(0);
    expect(file[units]).toBe(2);
    expected[units] = 2;
    // nibabel's quaternion comes from an eigenvector, exact to 1e-15, where 0 may turn up as ±1e-17; stored
    // as float32, one unit in the last place of numbers up to 1 is 6e-8.
    for (const offset of quaternion) {
      const ours = new DataView(file.buffer).getFloat32(offset, true);
      const theirs = new DataView(expected.buffer).getFloat32(offset, true);
      expect(Math.abs(ours - theirs)).toBeLessThan(1e-7);
      new DataView(expected.buffer).setFloat32(offset, ours, true);
    }
    expect(file).toEqual(expected);
  });

  it("puts every voxel where it belongs in volumes that are no multiple of a tile", () => {
    const [X, Y, Z] = [67, 3, 41] as const;
    const data = Float32Array.from({ length: X * Y * Z }, (_, n) => n);
    const file = encodeNifti({ data, shape: [X, Y, Z], affine: identityAffine });
    const stored = new Float32Array(file.buffer, 352);
    expect(stored.length).toBe(data.length);
    const misplaced = [...data.keys()].filter((n) => {
      const [x, y, z] = [Math.floor(n / (Y * Z)), Math.floor(n / Z) % Y, n % Z];
      return stored[x + X * (y + Y * z)] !== n;
    });
    expect(misplaced).toEqual([]);
  });

  it("keeps a description, cut to what the header holds", () => {
    const file = encodeNifti(volume(identityAffine), { description: "é".repeat(100) });
    expect(file.subarray(148, 148 + 79)).toEqual(new TextEncoder().encode("é".repeat(100)).subarray(0, 79));
    expect(file[148 + 79]).toBe(0);
    expect(new DataView(file.buffer).getInt16(254, true)).toBe(2);
  });

  it("compresses to the same bytes", async () => {
    const compressed = await encodeNiftiGz(volume(identityAffine), gzipInPool, { description: "map" });
    expect(new Uint8Array(gunzipSync(compressed))).toEqual(
      encodeNifti(volume(identityAffine), { description: "map" }),
    );
  });

  it.each<[string, Partial<Volume>, RegExp]>([
    [
      "axes in one plane",
      {
        affine: [
          [1, 1, 0, 0],
          [1, 1, 0, 0],
          [0, 0, 1, 0],
          [0, 0, 0, 1],
        ],
      },
      /in one plane/,
    ],
    [
      "a zero axis",
      {
        affine: [
          [0, 0, 0, 0],
          [0, 1, 0, 0],
          [0, 0, 1, 0],
          [0, 0, 0, 1],
        ],
      },
      /in one plane/,
    ],
    [
      "NaN in the affine",
      {
        affine: [
          [1, 0, 0, Number.NaN],
          [0, 1, 0, 0],
          [0, 0, 1, 0],
          [0, 0, 0, 1],
        ],
      },
      /not a number/,
    ],
    ["an axis beyond int16", { shape: [40000, 1, 1], data: new Float32Array(40000) }, /32767/],
    ["too little data", { shape: [5, 7, 7] }, /needs 245 values, not 210/],
  ])("refuses %s", (_, part, message) => {
    expect(() => encodeNifti({ ...volume(identityAffine), ...part })).toThrow(message);
  });
});
