import { type Affine, cornerDistance } from "@voxplain/core";

/** Where the voxels of a map are. A `Volume` is one too. */
export interface Grid {
  /** Voxels along the axes: [X, Y, Z]. Arrays over a grid are row-major: z varies fastest. */
  readonly shape: readonly [number, number, number];
  /** Voxel indices to mm, RAS+. */
  readonly affine: Affine;
}

/** A position in mm, RAS+. */
export type Point = readonly [x: number, y: number, z: number];

/** How many voxels a grid has. */
export function voxelCount({ shape }: Grid): number {
  return shape[0] * shape[1] * shape[2];
}

/** The volume of one voxel in mm³: |det| of the affine's axes. */
export function voxelVolume({ affine: [a, b, c] }: Grid): number {
  return Math.abs(
    a[0] * (b[1] * c[2] - b[2] * c[1]) -
      a[1] * (b[0] * c[2] - b[2] * c[0]) +
      a[2] * (b[0] * c[1] - b[1] * c[0]),
  );
}

/** The lengths of a voxel along the three axes in mm. */
export function voxelSizes({ affine: [a, b, c] }: Grid): Point {
  return [Math.hypot(a[0], b[0], c[0]), Math.hypot(a[1], b[1], c[1]), Math.hypot(a[2], b[2], c[2])];
}

/** The centre of the voxel at an index of a row-major array, in mm. */
export function voxelCenter({ shape: [, ny, nz], affine: [a, b, c] }: Grid, index: number): Point {
  const z = index % nz;
  const y = Math.floor(index / nz) % ny;
  const x = Math.floor(index / (nz * ny));
  return [
    a[0] * x + a[1] * y + a[2] * z + a[3],
    b[0] * x + b[1] * y + b[2] * z + b[3],
    c[0] * x + c[1] * y + c[2] * z + c[3],
  ];
}

/** Where NIfTI stores the voxel at an index of a row-major array: x varies fastest. Of equal peaks the first in this order counts. */
export function niftiIndex([nx, ny, nz]: Grid["shape"], index: number): number {
  const z = index % nz;
  const y = Math.floor(index / nz) % ny;
  const x = Math.floor(index / (nz * ny));
  return x + nx * (y + ny * z);
}

/** Whether two grids have one shape, and affines that put each corner voxel within 0.01 mm. */
export function sameGrid(one: Grid, other: Grid): boolean {
  return (
    one.shape.every((length, axis) => length === other.shape[axis]) &&
    cornerDistance(one.affine, other.affine, one.shape) <= 0.01
  );
}
