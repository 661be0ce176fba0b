/** One number of a check, ready for a table. */
export interface CheckRow {
  /** "completeness", "cascading-randomization", "deletion", … */
  readonly check: string;
  /** What was measured: "ssim", "area", … */
  readonly quantity: string;
  /** The layer or input that the value belongs to; "" where there is only one. */
  readonly parameter: string;
  /** In the unit of the quantity: logits, areas from 0 to 1, correlations from −1 to 1. */
  readonly value: number;
}

/** A line of a plot. */
export interface CheckCurve {
  /** As in the rows. */
  readonly check: string;
  /** "map", or "random" for what it is compared with; the quantity where there are several. */
  readonly series: string;
  /** In ascending order: a fraction of the voxels, a number of layers. */
  readonly x: readonly number[];
  /** One value for each x. */
  readonly y: readonly number[];
}

/** What a check measured. */
export interface CheckResult {
  /** Its numbers. */
  readonly rows: readonly CheckRow[];
  /** What is to be plotted; empty for checks that give numbers only. */
  readonly curves: readonly CheckCurve[];
}
