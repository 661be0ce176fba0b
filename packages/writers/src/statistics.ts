/** Statistics of the finite values; null where there is none. */
export interface MapStatistics {
  /** Number of values. */
  readonly count: number;
  /** NaN and infinite values among them; all other fields describe the finite ones. */
  readonly nonFinite: number;
  /** null where none is finite. */
  readonly min: number | null;
  /** null where none is finite. */
  readonly max: number | null;
  /** null where none is finite. */
  readonly mean: number | null;
  /** Square root of the sum of squares. */
  readonly l2: number;
}

/** A few numbers by which a reader recognizes a map, and sees that it is not empty; summed in float64. */
export function mapStatistics(values: Float32Array): MapStatistics {
  const { sum, squares, min, max } = sumsOf(values);
  // The squares of float32 numbers cannot overflow in float64.
  const nonFinite = Number.isFinite(squares) ? 0 : values.reduce(countNonFinite, 0);
  if (nonFinite > 0)
    return { ...mapStatistics(values.filter(Number.isFinite)), count: values.length, nonFinite };
  const [count, isEmpty] = [values.length, values.length === 0];
  return {
    ...{ count, nonFinite },
    min: isEmpty ? null : min,
    max: isEmpty ? null : max,
    mean: isEmpty ? null : sum / count,
    l2: Math.sqrt(squares),
  };
}

/** Without a branch, which takes a quarter of the time; NaN where there is one. */
function sumsOf(values: Float32Array) {
  let [sum, squares, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let n = 0; n < values.length; n++) {
    const value = values[n]!;
    sum += value;
    squares += value * value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { sum, squares, min, max };
}

function countNonFinite(count: number, value: number): number {
  return Number.isFinite(value) ? count : count + 1;
}
