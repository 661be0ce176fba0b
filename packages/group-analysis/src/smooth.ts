import { allSteps, elementAt, type Steps, VoxplainError, voxelSizes } from "@voxplain/core";
import { float64At, outside } from "./elements.ts";
import type { Grid } from "./grid.ts";

/**
 * A map smoothed with a Gaussian of the given full width at half maximum (mm): σ = FWHM / √(8 ln 2) / voxel size
 * per axis, the kernel cut at ⌊4σ + 0.5⌋ voxels and normalized, zeros outside the image, missing voxels as 0: nilearn's `smooth_img`.
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
    if (sigma > 0) values = alongAxis(values, stride, length, gaussian(sigma, length));
    yield;
  }
  return values;
}

/** Wider than this many times the longest side of the maps, a mean of everything and the zeros around it would be left. */
const widest = 10;

/** @throws VoxplainError `mismatch` for smoothing that is far wider than the maps, as where mm and voxels were mixed up. */
export function checkSmoothing({ shape, affine }: Grid, fwhm: number): void {
  const longest = Math.max(...voxelSizes(affine).map((size, axis) => size * elementAt(shape, axis)));
  if (fwhm <= widest * longest) return;
  throw new VoxplainError("mismatch", "the smoothing is far wider than the maps", {
    expected: `a full width at half maximum of ${Number((widest * longest).toPrecision(3))} mm at most`,
    found: `${fwhm} mm`,
    hint: "give the width in mm (--fwhm)",
  });
}

/** One half of the kernel, from its centre outwards, as far as an axis of this length can use it. */
function gaussian(sigma: number, length: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5);
  const weight = (k: number) => Math.exp(-0.5 * (k / sigma) ** 2);
  let total = -1;
  for (let k = 0; k <= radius; k++) total += 2 * weight(k);
  return Float64Array.from({ length: Math.min(radius + 1, length) }, (_, k) => weight(k) / total);
}

function alongAxis(values: Float64Array, stride: number, length: number, half: Float64Array): Float64Array {
  const result = new Float64Array(values.length);
  const radius = half.length - 1;
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
