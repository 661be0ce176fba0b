import { voxelSizeOf } from "@voxplain/caps-io";
import { type Affine, identityAffine } from "@voxplain/core";
import { expect, it } from "vitest";

const affine: Affine = [
  [-2, 0, 0, 90],
  [0, 3, 0, -126],
  [0, 0, 4, -72],
  [0, 0, 0, 1],
];

it("the voxel size is that of the affine, whatever the preprocessing", () => {
  expect(voxelSizeOf(affine, { preprocessing: "t1-linear" })).toEqual([2, 3, 4]);
});

it.each([
  ["t1-linear", 1],
  ["t1-linear-downsampled", 2],
  ["t1-extensive", 1.5],
  ["t1-volume", 1.5],
] as const)("the voxels of %s images have %f mm where no affine says otherwise", (preprocessing, size) => {
  expect(voxelSizeOf(undefined, { preprocessing })).toEqual([size, size, size]);
  expect(voxelSizeOf(identityAffine, { preprocessing })).toEqual([size, size, size]);
});

it("the voxel size is unknown without either, and where the affine is an exact identity", () => {
  expect(voxelSizeOf(undefined)).toBeUndefined();
  expect(voxelSizeOf(identityAffine)).toBeUndefined();
  expect(voxelSizeOf(undefined, { preprocessing: "shepplogan" })).toBeUndefined();
});
