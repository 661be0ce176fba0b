import type { AttributionMethod } from "../attribution.ts";
import { defineMethod } from "../define-method.ts";
import { divided } from "../numerics/vectors.ts";
import { type NoiseOptions, noiseOptions, noisePasses, type SampleStatistic, withNoise } from "./noise.ts";

/**
 * Variance (divided by the number of samples) of another method's maps over noisy copies of the input.
 * Adebayo, Gilmer, Goodfellow, Kim 2018, arXiv:1810.03307.
 * @throws VoxplainError `invalid-argument` for an option out of range.
 */
export function varGrad(method: AttributionMethod, options: NoiseOptions = {}): AttributionMethod {
  return withNoise(method, options, varianceOf);
}

/** Welford's recurrence: no difference of two large sums. */
function varianceOf(size: number): SampleStatistic {
  const mean = new Float64Array(size);
  const squares = new Float64Array(size);
  let count = 0;
  return {
    add: (map) => update(mean, squares, map, ++count),
    result: () => divided(squares, count),
  };
}

function update(mean: Float64Array, squares: Float64Array, map: Float32Array, count: number): void {
  for (let k = 0; k < mean.length; k++) {
    const value = map[k]!;
    const before = mean[k]!;
    const after = before + (value - before) / count;
    mean[k] = after;
    squares[k]! += (value - before) * (value - after);
  }
}

export const varGradEntry = defineMethod({
  name: "vargrad",
  title: "VarGrad",
  summary: "the variance of a method's maps over noisy copies of the image",
  paper: "Adebayo, Gilmer, Goodfellow, Kim 2018, arXiv:1810.03307",
  options: noiseOptions,
  passes: noisePasses,
  create: ({ innerMethod, ...options }) => varGrad(innerMethod.compute, options),
});
