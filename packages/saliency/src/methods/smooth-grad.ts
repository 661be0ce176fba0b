import type { AttributionMethod } from "../attribution.ts";
import { defineMethod } from "../define-method.ts";
import { addScaled, addSquares, divided } from "../numerics/vectors.ts";
import { type NoiseOptions, noiseOptions, noisePasses, type SampleStatistic, withNoise } from "./noise.ts";

/**
 * Mean of another method's maps over noisy copies of the input.
 * Smilkov, Thorat, Kim, Viégas, Wattenberg 2017, arXiv:1706.03825.
 * @throws VoxplainError `invalid-argument` for an option out of range.
 */
export function smoothGrad(method: AttributionMethod, options: NoiseOptions = {}): AttributionMethod {
  return withNoise(method, options, (size) => meanOf(size, (sum, map) => addScaled(sum, map, 0, 1)));
}

/**
 * Mean of the squares of another method's maps over noisy copies of the input.
 * Hooker, Erhan, Kindermans, Kim 2019, arXiv:1806.10758.
 * @throws VoxplainError `invalid-argument` for an option out of range.
 */
export function smoothGradSquared(method: AttributionMethod, options: NoiseOptions = {}): AttributionMethod {
  return withNoise(method, options, (size) => meanOf(size, addSquares));
}

function meanOf(size: number, addTo: (sum: Float64Array, map: Float32Array) => void): SampleStatistic {
  const sum = new Float64Array(size);
  let count = 0;
  return {
    add(map) {
      addTo(sum, map);
      count++;
    },
    result: () => divided(sum, count),
  };
}

export const smoothGradEntry = defineMethod({
  name: "smoothgrad",
  title: "SmoothGrad",
  summary: "a method's map with less noise: its mean over noisy copies of the image",
  paper: "Smilkov, Thorat, Kim, Viégas, Wattenberg 2017, arXiv:1706.03825",
  options: noiseOptions,
  passes: noisePasses,
  create: ({ innerMethod, ...options }) => smoothGrad(innerMethod.compute, options),
});

export const smoothGradSquaredEntry = defineMethod({
  name: "smoothgrad-squared",
  title: "SmoothGrad²",
  summary: "the mean of the squares of a method's maps over noisy copies of the image",
  paper: "Hooker, Erhan, Kindermans, Kim 2019, arXiv:1806.10758",
  options: noiseOptions,
  passes: noisePasses,
  create: ({ innerMethod, ...options }) => smoothGradSquared(innerMethod.compute, options),
});
