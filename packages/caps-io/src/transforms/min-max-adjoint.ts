import { extremes } from "./min-max.ts";

/**
 * A gradient with respect to y = (x − min) / (max − min) carried back to x, the extremes being functions
 * of x, too. Voxels that share an extreme share its gradient evenly, as in PyTorch's `min()` and `max()`.
 * For a constant image it is zero. Computed in float64.
 */
export function minMaxAdjoint(gradient: ArrayLike<number>, values: Float32Array): Float64Array {
  const { low, high } = extremes(values);
  const result = new Float64Array(values.length);
  const range = high - low;
  if (!(range > 0)) return result;
  let sum = 0;
  let weighted = 0;
  let lowest = 0;
  let highest = 0;
  for (const [k, value] of values.entries()) {
    const slope = gradient[k]!;
    sum += slope;
    weighted += slope * ((value - low) / range);
    if (value === low) lowest++;
    if (value === high) highest++;
  }
  // ∂y/∂min = (y − 1) / range, ∂y/∂max = −y / range
  const ofLow = (weighted - sum) / range / lowest;
  const ofHigh = -weighted / range / highest;
  for (const [k, value] of values.entries()) {
    const ofExtremes = (value === low ? ofLow : 0) + (value === high ? ofHigh : 0);
    result[k] = gradient[k]! / range + ofExtremes;
  }
  return result;
}
