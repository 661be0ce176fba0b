import { float64At, outside } from "./elements.ts";
import type { Model } from "./model.ts";
import type { RowMatrix } from "./row-matrix.ts";
import { hedgesCorrection } from "./student.ts";
import { dot, removeAlong } from "./vectors.ts";

/** What a model says of each voxel. */
export interface Fit {
  /** β of the tested column: without covariates the difference of the means, or the mean. */
  readonly difference: Float64Array;
  /** Student's t, pooled; `scipy.stats.ttest_ind` and `ttest_rel` without covariates. */
  readonly t: Float64Array;
  /** Welch's t (Welch 1947): two groups of at least 2, no covariates. */
  readonly welch: Float64Array | undefined;
  /** β ÷ s: Cohen's d with the pooled s, or d_z. */
  readonly cohensD: Float64Array;
  /** Hedges' correction of it, exact; undefined with 1 degree of freedom. */
  readonly hedgesG: Float64Array | undefined;
}

/** The share of the variance below which the fitted variance is not let fall, so that t is finite where groups separate perfectly. */
export const varianceFloor = 1e-10;

/**
 * Fits the model at every voxel. Where all rows are the same (one sample: 0), t, Welch's t and the effect sizes are 0.
 * s², and the squared denominator of Welch's t, are at least 10⁻¹⁰ · SST / (n − 1).
 */
export function fitMap(matrix: RowMatrix, model: Model): Fit {
  const fit = emptyFit(matrix.columns, model);
  fitBlock(matrix, model, fit, 0);
  return fit;
}

/** A fit of so many voxels, to be filled by `fitBlock`. */
export function emptyFit(columns: number, model: Model): Fit {
  const values = () => new Float64Array(columns);
  return {
    ...{ difference: values(), t: values(), cohensD: values() },
    welch: hasWelch(model) ? values() : undefined,
    hedgesG: hedgesCorrection(model.df) === undefined ? undefined : values(),
  };
}

/** Fits the model at some voxels: what is found begins at a place of the fit. */
export function fitBlock({ data, columns }: RowMatrix, model: Model, fit: Fit, start: number): void {
  const { rows, kind, x, nuisance, tested, testedLength, df } = model;
  const { difference, t, cohensD, welch, hedgesG } = fit;
  const correction = hedgesCorrection(df) ?? 1;
  const y = new Float64Array(rows);
  const rest = new Float64Array(rows);
  for (let v = 0; v < columns; v++) {
    let mean = 0;
    for (let i = 0; i < rows; i++) {
      const value = data[i * columns + v];
      if (value === undefined) throw outside(i * columns + v);
      y[i] = value;
      mean += value;
    }
    mean = kind === "one-sample" ? 0 : mean / rows;
    let total = 0;
    for (let i = 0; i < rows; i++) {
      // Without their mean, squares of large values do not cancel.
      const centred = float64At(y, i) - mean;
      y[i] = centred;
      rest[i] = centred;
      total += centred * centred;
    }
    for (const unit of nuisance) removeAlong(unit, rest);
    const along = dot(tested, rest);
    let squares = 0;
    for (let i = 0; i < rows; i++) squares += (float64At(rest, i) - along * float64At(tested, i)) ** 2;
    const floor = (varianceFloor * total) / (rows - 1);
    const variance = Math.max(squares / df, floor);
    const beta = along / testedLength;
    const at = start + v;
    difference[at] = beta;
    if (variance > 0) {
      const d = beta / Math.sqrt(variance);
      t[at] = along / Math.sqrt(variance);
      cohensD[at] = d;
      if (hedgesG !== undefined) hedgesG[at] = d * correction;
      if (welch !== undefined) welch[at] = welchOf(y, x, floor);
    }
  }
}

/** Whether Welch's t exists: two groups of at least 2, no covariates. */
export function hasWelch({ kind, adjusted, x, rows }: Model): boolean {
  const inA = x.reduce((sum, value) => sum + value, 0);
  return kind === "two-groups" && !adjusted && inA >= 2 && rows - inA >= 2;
}

function welchOf(y: Float64Array, x: Float64Array, floor: number): number {
  let nA = 0;
  let sumA = 0;
  let sumB = 0;
  for (let i = 0; i < y.length; i++) {
    if (x[i] === 1) {
      nA++;
      sumA += float64At(y, i);
    } else sumB += float64At(y, i);
  }
  const nB = y.length - nA;
  const [meanA, meanB] = [sumA / nA, sumB / nB];
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < y.length; i++) {
    if (x[i] === 1) squaresA += (float64At(y, i) - meanA) ** 2;
    else squaresB += (float64At(y, i) - meanB) ** 2;
  }
  const variance = squaresA / (nA - 1) / nA + squaresB / (nB - 1) / nB;
  return (meanA - meanB) / Math.sqrt(Math.max(variance, floor));
}
