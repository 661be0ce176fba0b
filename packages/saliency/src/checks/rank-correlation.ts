import { midranks } from "@voxplain/core";

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
  const ranksA = midranks(a);
  await pause();
  const ranksB = midranks(b);
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
