import {
  type Affine,
  identityAffine,
  indexOfVoxel,
  isSamePosition,
  nearestVoxel,
  pointAt,
  strongestIndex,
  voxelAt,
  voxelLocator,
  voxelSizes,
} from "@voxplain/core";
import { describe, expect, it } from "vitest";

/** Left, posterior, superior; 2, 3 and 1 mm; sheared a little. */
const affine: Affine = [
  [-2, 0.25, 0, 90],
  [0, -3, 0, 126],
  [0, 0.5, 1, -72],
  [0, 0, 0, 1],
];
const shape = [5, 7, 6] as const;

it("the index of a voxel and the voxel of an index are each other's inverse", () => {
  for (let index = 0; index < 5 * 7 * 6; index++) {
    expect(indexOfVoxel(voxelAt(index, shape), shape)).toBe(index);
  }
  expect(voxelAt(1 * 42 + 2 * 6 + 3, shape)).toEqual([1, 2, 3]);
});

it("the centre of a voxel is the affine times its indices", () => {
  expect(pointAt([1, 2, 4], affine)).toEqual([-2 + 0.5 + 90, -6 + 126, 1 + 4 - 72]);
});

describe("the way back from a position", () => {
  it("gives the indices, fractions of them between voxels", () => {
    const locate = voxelLocator(affine);
    for (const voxel of [
      [0, 0, 0],
      [4, 6, 5],
      [1.5, 2.25, -3],
    ] as const) {
      const found = locate?.(pointAt(voxel, affine)) ?? [];
      for (const [axis, index] of found.entries()) expect(index).toBeCloseTo(voxel[axis] ?? Number.NaN, 12);
      expect(found).toHaveLength(3);
    }
  });

  it("does not exist where all voxels are on a plane", () => {
    const flat: Affine = [[1, 0, 1, 0], [0, 1, 1, 0], [1, 1, 2, 0], identityAffine[3]];
    expect(voxelLocator(flat)).toBeUndefined();
  });

  it("ends at the nearest voxel, at the border for positions outside", () => {
    const volume = { affine, shape };
    const [x, y, z] = pointAt([2, 3, 4], affine);
    expect(nearestVoxel(volume, [x + 0.9, y - 1.4, z])).toEqual([2, 3, 4]);
    expect(nearestVoxel(volume, [1000, -1000, 1000])).toEqual([0, 6, 5]);
    expect(
      nearestVoxel({ affine: [[0, 0, 0, 0], ...affine.slice(1)] as unknown as Affine, shape }, [1, 2, 3]),
    ).toEqual([0, 0, 0]);
  });
});

it("voxel sizes are the lengths of the axes", () => {
  expect(voxelSizes(affine)).toEqual([2, Math.hypot(0.25, 3, 0.5), 1]);
});

it("two positions are the same within 0.01 mm at each corner voxel", () => {
  const moved = (x: number, scale = 1): Affine => [
    [-2 * scale, 0.25, 0, 90 + x],
    affine[1],
    affine[2],
    affine[3],
  ];
  expect(isSamePosition(affine, moved(0.0099), shape)).toBe(true);
  expect(isSamePosition(affine, moved(0.0101), shape)).toBe(false);
  // 4 voxels further along x the difference in spacing has added up.
  expect(isSamePosition(affine, moved(0, 1.0012), shape)).toBe(true);
  expect(isSamePosition(affine, moved(0, 1.0013), shape)).toBe(false);
});

describe("strongestIndex", () => {
  it("is that of the largest |value|, the first in scan order", () => {
    expect(strongestIndex(Float32Array.of(1, -3, 3, Number.NaN, Number.NEGATIVE_INFINITY))).toBe(1);
  });

  it("is undefined where nothing is finite", () => {
    expect(strongestIndex(Float32Array.of(Number.NaN))).toBeUndefined();
  });
});
