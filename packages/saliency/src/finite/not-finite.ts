/** How many of the values are NaN, and how many infinite. */
export interface NotFinite {
  /** Values that are NaN. */
  readonly nan: number;
  /** Values that are +∞ or −∞. */
  readonly infinite: number;
}

/** Counts what is not finite; undefined where everything is, which takes one pass without branches. */
export function notFiniteIn(values: ArrayLike<number>): NotFinite | undefined {
  // 0 · x is 0 for finite x only, and NaN stays in a sum. Four sums, since each addition waits for the one before it.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = values.length - (values.length % 4);
  for (let k = 0; k < whole; k += 4) {
    a += 0 * values[k]!;
    b += 0 * values[k + 1]!;
    c += 0 * values[k + 2]!;
    d += 0 * values[k + 3]!;
  }
  for (let k = whole; k < values.length; k++) a += 0 * values[k]!;
  if (a + b + c + d === 0) return undefined;
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
