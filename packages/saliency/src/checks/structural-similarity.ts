import { elementAt, elementCount, VoxplainError } from "@voxplain/core";
import { addProducts, addRun } from "../numerics/vectors.ts";

export interface StructuralSimilarityOptions {
  /** Difference between the largest and the smallest possible value. */
  readonly range: number;
  /** Edge of the window, odd; default 7, less where the grid is smaller. */
  readonly window?: number;
  /** Lets other events be handled: a volume takes seconds. */
  readonly pause?: () => Promise<void>;
}

/**
 * Mean structural similarity of two maps over the windows within the grid (2D or 3D), each window weighing
 * its values alike: Wang, Bovik, Sheikh, Simoncelli 2004, doi:10.1109/TIP.2003.819861, with the sample covariance, as
 * skimage.metrics.structural_similarity does by default.
 * @throws VoxplainError `invalid-argument` for a window that is even, or no window.
 */
export async function structuralSimilarity(
  a: Float32Array,
  b: Float32Array,
  spatial: readonly number[],
  { range, window = 7, pause = async () => {} }: StructuralSimilarityOptions,
): Promise<number> {
  if (!Number.isSafeInteger(window) || window < 3 || window % 2 === 0) {
    throw new VoxplainError("invalid-argument", "the window must be an odd number of at least 3", {
      found: `${window}`,
    });
  }
  const edges = spatial.map((length) => Math.min(window, length - ((length + 1) % 2)));
  const count = elementCount(edges);
  const mean = async (values: Float64Array) => {
    const sums = await windowSums(values, spatial, edges, pause);
    return sums.map((sum) => sum / count);
  };
  const product = (x: Float32Array, y: Float32Array) => {
    const products = new Float64Array(x.length);
    addProducts(products, x, 0, y);
    return products;
  };
  const meanA = await mean(Float64Array.from(a));
  const meanB = await mean(Float64Array.from(b));
  const squareA = await mean(product(a, a));
  const squareB = await mean(product(b, b));
  const mixed = await mean(product(a, b));
  const unbiased = count / Math.max(1, count - 1);
  const c1 = (0.01 * range) ** 2;
  const c2 = (0.03 * range) ** 2;
  let sum = 0;
  for (let k = 0; k < meanA.length; k++) {
    const [x, y] = [meanA[k]!, meanB[k]!];
    const covariance = unbiased * (mixed[k]! - x * y);
    const variances = unbiased * (squareA[k]! - x * x + squareB[k]! - y * y);
    sum += ((2 * x * y + c1) * (2 * covariance + c2)) / ((x * x + y * y + c1) * (variances + c2));
  }
  return sum / meanA.length;
}

/** Sums over every window within the grid. */
async function windowSums(
  values: Float64Array,
  spatial: readonly number[],
  edges: readonly number[],
  pause: () => Promise<void>,
): Promise<Float64Array> {
  const lengths = [...spatial];
  let current = values;
  for (const [axis, edge] of edges.entries()) {
    await pause();
    const stride = elementCount(lengths.slice(axis + 1));
    const length = elementAt(lengths, axis);
    current = sumsAlong(current, length, stride, edge);
    lengths[axis] = length - edge + 1;
  }
  return current;
}

/** No running sum, which would carry the rounding of large values on to small ones. */
function sumsAlong(values: Float64Array, length: number, stride: number, edge: number): Float64Array {
  const windows = length - edge + 1;
  const blocks = values.length / (length * stride);
  const run = windows * stride;
  const result = new Float64Array(blocks * run);
  for (let block = 0; block < blocks; block++) {
    for (let tap = 0; tap < edge; tap++) {
      const from = (block * length + tap) * stride;
      addRun(result, block * run, values, from, run, 1);
    }
  }
  return result;
}
