import type { Explanation } from "../engine/engine.ts";

/** Enough for a percentile that is only looked at. */
const mostSamples = 200_000;

/** The value below which a share of the finite absolute values lies; of large maps an estimate from evenly spaced ones. */
function absoluteQuantile(data: Float32Array, share: number): number {
  const step = Math.max(1, Math.floor(data.length / mostSamples));
  const sample = new Float32Array(Math.ceil(data.length / step));
  let count = 0;
  for (let index = 0; index < sample.length; index++) {
    const size = Math.abs(data[index * step]!);
    if (Number.isFinite(size)) sample[count++] = size;
  }
  const finite = sample.subarray(0, count).sort();
  return finite[Math.min(count - 1, Math.floor(share * count))] ?? 0;
}

export function exceeds(data: Float32Array, limit: number): boolean {
  return data.some((value) => Math.abs(value) > limit);
}

/**
 * Where the colours of maps end that are shown beside each other. Maps of one method with the same options are
 * compared by their colours, which then mean the same value; of two methods the values have nothing in common.
 */
export function colourLimits(shown: readonly Pick<Explanation, "map" | "request">[]): readonly number[] {
  const kindOf = ({ request: { method, options } }: Pick<Explanation, "request">) =>
    JSON.stringify([method, Object.entries(options).sort()]);
  const own = shown.map(({ map }) => colourLimit(map.data));
  return shown.map((one) => Math.max(...own.filter((_, index) => kindOf(shown[index]!) === kindOf(one))));
}

/** Where colours end: nearly the largest absolute value, so that single voxels do not dim all others. */
function colourLimit(data: Float32Array): number {
  return absoluteQuantile(data, 0.9995) || absoluteQuantile(data, 1) || 1;
}
