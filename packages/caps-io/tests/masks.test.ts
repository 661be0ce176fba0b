import { readGridFile, readMask } from "@voxplain/caps-io";
import { encodeNpy, memoryFiles, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { niftiOf } from "./nifti-of.ts";

const checkers = (x: number, y: number, z: number) => (x + y + z) % 2;
const files = (entries: Readonly<Record<string, Uint8Array>>) =>
  memoryFiles(new Map(Object.entries(entries)));
const npy = (dims: readonly number[], ...values: number[]) =>
  encodeNpy(tensor("float32", dims, Float32Array.from(values)));

describe("a mask on the grid of the images", () => {
  it("is 1 inside, with the position that its header gives", async () => {
    const { name, dims, inside, grid } = await readMask(
      files({ "m.nii": niftiOf([2, 3, 2], checkers) }),
      "m.nii",
      3,
    );
    expect({ name, dims, inside: [...inside] }).toEqual({
      name: "memory/m.nii",
      dims: [2, 3, 2],
      inside: [0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0],
    });
    expect(grid).toMatchObject({ name: "memory/m.nii", shape: [2, 3, 2], affine: expect.anything() });
  });

  it("of a slice loses the third axis of its NIfTI, and an array its leading axes of length 1", async () => {
    const source = files({
      "slice.nii": niftiOf([2, 3, 1], checkers),
      "array.npy": npy([1, 1, 2, 2], 0, 1, 1, 0),
    });
    expect((await readMask(source, "slice.nii", 2)).dims).toEqual([2, 3]);
    expect((await readMask(source, "array.npy", 2)).dims).toEqual([2, 2]);
  });

  it.each([
    ["labels.nii", 3, "the mask holds other values than 0 and 1: found 2; save one region as 1"],
    ["empty.nii", 3, "memory/empty.nii: the mask has no voxel"],
    ["nan.npy", 2, "the mask holds other values than 0 and 1: found NaN"],
    [
      "two.npy",
      2,
      "memory/two.npy: the file has another number of axes than the images: expected 2 axes, found [2, 1, 2]",
    ],
    ["labels.nii", 2, "expected 2 axes, found [2, 2, 2]"],
  ])("is refused by its name: %s, for images of %i axes", async (name, axes, message) => {
    const source = files({
      "labels.nii": niftiOf([2, 2, 2], (x, y) => x + y),
      "empty.nii": niftiOf([2, 2, 2], () => 0),
      "nan.npy": npy([1, 2], Number.NaN, 1),
      "two.npy": npy([2, 1, 2], 0, 1, 1, 0),
    });
    await expect(readMask(source, name, axes)).rejects.toThrow(message);
  });
});

it("labels on the grid of the images may have any values", async () => {
  const { values } = await readGridFile(files({ "atlas.npy": npy([1, 2, 2], 0, 7, 12, 3) }), "atlas.npy", 2);
  expect([values.dims, [...values.data]]).toEqual([
    [2, 2],
    [0, 7, 12, 3],
  ]);
});
