/** A prediction of a number whose truth is known. */
export interface JudgedNumber {
  /** What it should be. */
  readonly trueValue: number;
  /** What the network gives. */
  readonly predictedValue: number;
}

/** NaN where nothing was judged. */
export interface RegressionMetrics {
  /** How many were judged. */
  readonly count: number;
  /** Mean absolute error, in the unit of the values. */
  readonly mae: number;
  /** Root of the mean squared error, in the unit of the values. */
  readonly rmse: number;
  /** Coefficient of determination, 1 − Σ(y − ŷ)² / Σ(y − ȳ)²; NaN where all true values are the same. */
  readonly r2: number;
}

/**
 * How good predictions of numbers are.
 * @param predictions - Read several times: they need not be in memory together.
 */
export function regressionMetrics(predictions: Iterable<JudgedNumber>): RegressionMetrics {
  const sumOf = (term: (prediction: JudgedNumber) => number) => {
    let sum = 0;
    for (const prediction of predictions) sum += term(prediction);
    return sum;
  };
  const count = sumOf(() => 1);
  const mean = sumOf(({ trueValue }) => trueValue) / count;
  const squares = sumOf(({ trueValue, predictedValue }) => (trueValue - predictedValue) ** 2);
  const spread = sumOf(({ trueValue }) => (trueValue - mean) ** 2);
  return {
    count,
    mae: sumOf(({ trueValue, predictedValue }) => Math.abs(trueValue - predictedValue)) / count,
    rmse: Math.sqrt(squares / count),
    r2: spread === 0 ? Number.NaN : 1 - squares / spread,
  };
}
