import { quantiles, sortedValues } from "./quantiles.ts";

/** Values shown black and white. */
export interface GreyWindow {
  readonly low: number;
  readonly high: number;
}

/**
 * The grey window of an anatomy: the 2nd and 99.5th percentiles of the head, which is what exceeds a tenth of
 * the robust range (2nd to 98th percentile of the whole image; the rule of FSL's BET, Smith 2002). So neither
 * much air nor a few bright vessels decide on the contrast.
 */
export function headWindow(anatomy: Float32Array): GreyWindow {
  const sorted = sortedValues(anatomy);
  const [robustMin, robustMax, max] = quantiles(sorted, [0.02, 0.98, 1]) as [number, number, number];
  const threshold = robustMin + 0.1 * (robustMax - robustMin);
  const [low, high] = quantiles(sorted, [0.02, 0.995], threshold) as [number, number];
  if (high > low) return { low, high };
  return { low: Number.isFinite(robustMin) ? robustMin : 0, high: Number.isFinite(max) ? max : 1 };
}

/**
 * End of a symmetric colour scale: the 99.9th percentile of |map|, rounded to two digits so that ticks are
 * short; the largest |value| where that percentile is 0, and 1 where the map is 0 everywhere.
 */
export function robustLimit(map: Float32Array): number {
  const [robust, max] = quantiles(sortedValues(map, "absolute"), [0.999, 1]) as [number, number];
  const limit = robust > 0 ? robust : max;
  return limit > 0 ? Number(limit.toPrecision(2)) : 1;
}

/** Index of the largest finite |value|, the first in scan order; `undefined` where nothing is finite. */
export function strongestIndex(map: Float32Array): number | undefined {
  let [best, strength]: [number | undefined, number] = [undefined, -1];
  for (let n = 0; n < map.length; n++) {
    const size = Math.abs(map[n]!);
    if (size > strength && size < Number.POSITIVE_INFINITY) [best, strength] = [n, size];
  }
  return best;
}
