import { quantiles, sortedValues } from "@voxplain/core";
import type { Slice } from "./slices.ts";

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
  const [robustMin = Number.NaN, robustMax = Number.NaN, max = Number.NaN] = quantiles(
    sorted,
    [0.02, 0.98, 1],
  );
  const threshold = robustMin + 0.1 * (robustMax - robustMin);
  const [low = Number.NaN, high = Number.NaN] = quantiles(sorted, [0.02, 0.995], threshold);
  if (high > low) return { low, high };
  return { low: Number.isFinite(robustMin) ? robustMin : 0, high: Number.isFinite(max) ? max : 1 };
}

/** From the smallest to the greatest value of a slice. */
export function fullWindow({ values }: Slice): GreyWindow {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return { low, high };
}
