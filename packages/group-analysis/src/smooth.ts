import { allSteps, type Steps, voxelSizes } from "@voxplain/core";
import type { Grid } from "./grid.ts";

/**
 * A map smoothed with a Gaussian of the given full width at half maximum (mm): σ = FWHM / √(8 ln 2) / voxel size
 * per axis, the kernel cut at ⌊4σ + 0.5⌋ voxels and normalised, zeros outside the image, missing voxels as 0: nilearn's `smooth_img`.
 */
export function smooth(map: ArrayLike<number>, grid: Grid, fwhm: number): Float64Array {
  return allSteps(smoothSteps(map, grid, fwhm));
}

/** The same, to be interrupted after each axis. */
export function* smoothSteps(map: ArrayLike<number>, grid: Grid, fwhm: number): Steps<Float64Array> {
  let values: Float64Array = Float64Array.from(map, (m) => (Number.isFinite(m) ? m : 0));
  const strides = [grid.shape[1] * grid.shape[2], grid.shape[2], 1];
  for (let axis = 0; axis < 3; axis++) {
    const sigma = fwhm / Math.sqrt(8 * Math.log(2)) / voxelSizes(grid.affine)[axis]!;
    if (sigma > 0) values = alongAxis(values, strides[axis]!, grid.shape[axis]!, gaussian(sigma));
    yield;
  }
  return values;
}

/** One half of the kernel, from its centre outwards. */
function gaussian(sigma: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5);
  const half = Float64Array.from({ length: radius + 1 }, (_, k) =>
    Math.exp((-0.5 * k * k) / (sigma * sigma)),
  );
  const total = half.reduce((sum, weight) => sum + 2 * weight, -half[0]!);
  return half.map((weight) => weight / total);
}

function alongAxis(values: Float64Array, stride: number, length: number, half: Float64Array): Float64Array {
  const result = new Float64Array(values.length);
  const radius = Math.min(half.length - 1, length - 1);
  for (let v = 0; v < values.length; v++) {
    const at = Math.floor(v / stride) % length;
    let sum = half[0]! * values[v]!;
    for (let k = 1; k <= radius; k++) {
      if (at >= k) sum += half[k]! * values[v - k * stride]!;
      if (at + k < length) sum += half[k]! * values[v + k * stride]!;
    }
    result[v] = sum;
  }
  return result;
}
