/** Enough for a percentile that is only looked at. */
const mostSamples = 200_000;

/** The value below which a share of the absolute values lies; of large maps an estimate from evenly spaced ones. */
function absoluteQuantile(data: Float32Array, share: number): number {
  const step = Math.max(1, Math.floor(data.length / mostSamples));
  const sample = new Float32Array(Math.ceil(data.length / step));
  for (let index = 0; index < sample.length; index++) sample[index] = Math.abs(data[index * step]!);
  sample.sort();
  return sample[Math.min(sample.length - 1, Math.floor(share * sample.length))] ?? 0;
}

/** Where colours end: nearly the largest absolute value, so that single voxels do not dim all others. */
export function colourLimit(data: Float32Array): number {
  return absoluteQuantile(data, 0.9995) || absoluteQuantile(data, 1) || 1;
}
