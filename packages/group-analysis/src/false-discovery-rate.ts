/**
 * Adjusted p-values that control the false discovery rate (Benjamini & Hochberg 1995), as statsmodels' `fdr_bh`.
 * What was not tested (`null`) stays `null` and is not counted.
 */
export function falseDiscoveryRate(p: readonly (number | null)[]): (number | null)[] {
  const tested = p.flatMap((value, index) => (value === null ? [] : [{ value, index }]));
  tested.sort((a, b) => b.value - a.value);
  const q: (number | null)[] = p.map(() => null);
  let smallest = 1;
  tested.forEach(({ value, index }, k) => {
    smallest = Math.min(smallest, (value * tested.length) / (tested.length - k));
    q[index] = smallest;
  });
  return q;
}
