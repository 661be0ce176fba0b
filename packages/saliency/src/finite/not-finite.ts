/** How many of the values are NaN, and how many infinite. */
export interface NotFinite {
  /** Values that are NaN. */
  readonly nan: number;
  /** Values that are +∞ or −∞. */
  readonly infinite: number;
}

/** Counts what is not finite; undefined where everything is, which takes one pass without branches. */
export function notFiniteIn(values: ArrayLike<number>): NotFinite | undefined {
  // 0 · x is 0 for finite x only, and NaN stays in a sum.
  let zero = 0;
  for (let k = 0; k < values.length; k++) zero += 0 * values[k]!;
  if (zero === 0) return undefined;
  let [nan, infinite] = [0, 0];
  for (let k = 0; k < values.length; k++) {
    if (Number.isNaN(values[k])) nan++;
    else if (!Number.isFinite(values[k])) infinite++;
  }
  return { nan, infinite };
}

/** "3 NaN and 1 infinite value" */
export function describeNotFinite({ nan, infinite }: NotFinite): string {
  const parts = [...(nan > 0 ? [`${nan} NaN`] : []), ...(infinite > 0 ? [`${infinite} infinite`] : [])].join(
    " and ",
  );
  return `${parts} ${nan + infinite === 1 ? "value" : "values"}`;
}
