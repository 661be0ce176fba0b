import {
  type Affine,
  determinant,
  isSamePosition,
  type Point,
  pointAt,
  stepAlong,
  voxelAt,
} from "@voxplain/core";

/** Where the voxels of a map are. A `Volume` is one too. */
export interface Grid {
  /** Voxels along the axes: [X, Y, Z]. Arrays over a grid are row-major: z varies fastest. */
  readonly shape: readonly [number, number, number];
  /** Voxel indices to mm, RAS+. */
  readonly affine: Affine;
}

/** How many voxels a grid has. */
export function voxelCount({ shape }: Grid): number {
  return shape[0] * shape[1] * shape[2];
}

/** The volume of one voxel in mm³: |det| of the affine's axes. */
export function voxelVolume({ affine }: Grid): number {
  return Math.abs(determinant(stepAlong(affine, 0), stepAlong(affine, 1), stepAlong(affine, 2)));
}

/** The centre of the voxel at an index of a row-major array, in mm. */
export function voxelCenter({ shape, affine }: Grid, index: number): Point {
  return pointAt(voxelAt(index, shape), affine);
}

/** Where NIfTI stores the voxel at an index of a row-major array: x varies fastest. Among equal peaks the first in this order counts. */
export function niftiIndex(shape: Grid["shape"], index: number): number {
  const [x, y, z] = voxelAt(index, shape);
  return x + shape[0] * (y + shape[1] * z);
}

/** Whether two grids have one shape, and affines that put each corner voxel within 0.01 mm. */
export function sameGrid(one: Grid, other: Grid): boolean {
  return (
    one.shape.every((length, axis) => length === other.shape[axis]) &&
    isSamePosition(one.affine, other.affine, one.shape)
  );
}
