import type { Affine } from "@voxplain/core";

/** The affine of a box of an image: voxel 0 of the box is voxel `start` of the image. */
export function affineOfBox(affine: Affine, start: readonly number[]): Affine {
  const shifted = affine.map((row, k) =>
    k === 3
      ? row
      : [...row.slice(0, 3), row[3] + start.reduce((sum, step, axis) => sum + row[axis]! * step, 0)],
  );
  return shifted as unknown as Affine;
}
