import { quantiles, sortedValues } from "@voxplain/core";

/**
 * Where the symmetric colour scale of a map ends, in pictures and on a page alike: the 99.9th percentile of |map|, exact
 * and rounded to two digits so that ticks are short, so that single voxels do not dim all others; the largest |value|
 * where that percentile is 0, and 1 where the map is 0 everywhere. Values that are not finite do not count.
 */
export function colourLimit(map: Float32Array): number {
  const [robust = Number.NaN, largest = Number.NaN] = quantiles(sortedValues(map, "absolute"), [0.999, 1]);
  const limit = robust > 0 ? robust : largest;
  return limit > 0 ? Number(limit.toPrecision(2)) : 1;
}
