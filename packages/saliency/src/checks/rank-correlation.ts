import { sortedOrder, sortKeys } from "./sorted-order.ts";

/**
 * Spearman's rank correlation of two maps of the same size; equal values share the mean of their ranks. NaN where a
 * map is the same everywhere. As scipy.stats.spearmanr.
 * @param pause - Lets other events be handled: the ranks of a volume take a second or two.
 */
export async function rankCorrelation(
  a: Float32Array,
  b: Float32Array,
  pause: () => Promise<void>,
): Promise<number> {
  const ranksA = ranks(a);
  await pause();
  const ranksB = ranks(b);
  await pause();
  // Ranks are 1 to n, or means of them: their mean does not depend on ties.
  const mean = (a.length + 1) / 2;
  let [both, ofA, ofB] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [ranksA[k]! - mean, ranksB[k]! - mean];
    both += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return both / Math.sqrt(ofA * ofB);
}

function ranks(values: Float32Array): Float64Array {
  const order = sortedOrder(sortKeys(values));
  const result = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let k = start; k < end; k++) result[order[k]!] = (start + 1 + end) / 2;
    start = end;
  }
  return result;
}
