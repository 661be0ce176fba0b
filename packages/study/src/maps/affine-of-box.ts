import type { Affine, AffineRow } from "@voxplain/core";

/** The affine of a box of an image: voxel 0 of the box is voxel `start` of the image. */
export function affineOfBox([x, y, z, last]: Affine, start: readonly number[]): Affine {
  const [i = 0, j = 0, k = 0] = start;
  const shifted = ([a, b, c, d]: AffineRow): AffineRow => [a, b, c, d + a * i + b * j + c * k];
  return [shifted(x), shifted(y), shifted(z), last];
}
