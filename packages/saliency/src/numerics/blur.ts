import { elementAt, elementCount } from "@voxplain/core";
import { addRun } from "./vectors.ts";

/**
 * Gaussian blur along the spatial axes of one input [C, ...spatial]; σ in voxels, the kernel is cut at
 * 4 σ and the edge voxels are repeated outside. As scipy.ndimage.gaussian_filter with mode="nearest".
 */
export function blur(input: Float32Array, dims: readonly number[], sigma: number): Float32Array {
  const kernel = gaussian(sigma);
  let values: Float64Array = Float64Array.from(input);
  for (let axis = 1; axis < dims.length; axis++) {
    values = convolve(values, elementAt(dims, axis), elementCount(dims.slice(axis + 1)), kernel);
  }
  return Float32Array.from(values);
}

function gaussian(sigma: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5);
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, k) =>
    Math.exp((-0.5 * (k - radius) ** 2) / sigma ** 2),
  );
  const total = kernel.reduce((sum, value) => sum + value, 0);
  return kernel.map((value) => value / total);
}

/** Along an axis of `length` values that are `stride` apart. */
function convolve(values: Float64Array, length: number, stride: number, kernel: Float64Array): Float64Array {
  const radius = (kernel.length - 1) / 2;
  const result = new Float64Array(values.length);
  for (let block = 0; block < values.length; block += length * stride) {
    for (let position = 0; position < length; position++) {
      const row = block + position * stride;
      for (let tap = -radius; tap <= radius; tap++) {
        const from = block + Math.min(Math.max(position + tap, 0), length - 1) * stride;
        addRun(result, row, values, from, stride, kernel[tap + radius]!);
      }
    }
  }
  return result;
}
