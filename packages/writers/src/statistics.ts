/** Of the finite values; null where there is none. */
export interface MapStatistics {
  readonly count: number;
  readonly nonFinite: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Square root of the sum of squares. */
  readonly l2: number;
}

/** A few numbers by which a reader recognises a map, and sees that it is not empty; summed in float64. */
export function mapStatistics(values: Float32Array): MapStatistics {
  let [finite, sum, squares, min, max] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let n = 0; n < values.length; n++) {
    const value = values[n]!;
    if (!Number.isFinite(value)) continue;
    finite++;
    sum += value;
    squares += value * value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return {
    count: values.length,
    nonFinite: values.length - finite,
    min: finite > 0 ? min : null,
    max: finite > 0 ? max : null,
    mean: finite > 0 ? sum / finite : null,
    l2: Math.sqrt(squares),
  };
}
