import { allSteps, type Steps, voxelSizes } from "@voxplain/core";
import { float64At, outside } from "./elements.ts";
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
  const [nx, ny, nz] = grid.shape;
  const [sizeX, sizeY, sizeZ] = voxelSizes(grid.affine);
  for (const { stride, length, size } of [
    { stride: ny * nz, length: nx, size: sizeX },
    { stride: nz, length: ny, size: sizeY },
    { stride: 1, length: nz, size: sizeZ },
  ]) {
    const sigma = fwhm / Math.sqrt(8 * Math.log(2)) / size;
    if (sigma > 0) values = alongAxis(values, stride, length, gaussian(sigma));
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
  const total = half.reduce((sum, weight) => sum + 2 * weight, -float64At(half, 0));
  return half.map((weight) => weight / total);
}

function alongAxis(values: Float64Array, stride: number, length: number, half: Float64Array): Float64Array {
  const result = new Float64Array(values.length);
  const radius = Math.min(half.length - 1, length - 1);
  for (let v = 0; v < values.length; v++) {
    const at = Math.floor(v / stride) % length;
    let sum = float64At(half, 0) * float64At(values, v);
    for (let k = 1; k <= radius; k++) {
      const weight = half[k];
      if (weight === undefined) throw outside(k);
      if (at >= k) {
        const before = values[v - k * stride];
        if (before === undefined) throw outside(v - k * stride);
        sum += weight * before;
      }
      if (at + k < length) {
        const behind = values[v + k * stride];
        if (behind === undefined) throw outside(v + k * stride);
        sum += weight * behind;
      }
    }
    result[v] = sum;
  }
  return result;
}
