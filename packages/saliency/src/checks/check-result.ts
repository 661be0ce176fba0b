/** One number of a check, ready for a table. */
export interface CheckRow {
  /** "completeness", "cascading-randomization", "deletion", … */
  readonly check: string;
  /** What was measured: "ssim", "area", … */
  readonly quantity: string;
  /** To what it belongs: a layer, an input; "" where there is nothing to tell apart. */
  readonly parameter: string;
  readonly value: number;
}

/** A line of a plot. */
export interface CheckCurve {
  readonly check: string;
  /** "map", or "random" for what it is compared with; the quantity where there are several. */
  readonly series: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

export interface CheckResult {
  readonly rows: readonly CheckRow[];
  readonly curves: readonly CheckCurve[];
}
