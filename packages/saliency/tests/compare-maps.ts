export interface Comparison {
  /** ‖a − b‖ / ‖b‖. */
  readonly error: number;
  /** The same without the 0.1 % of voxels that differ most. */
  readonly trimmedError: number;
  /** Voxels that differ by more than 1e-4 of the largest value: float32 chose another maximum or side of a ReLU there. */
  readonly flipped: number;
}

/**
 * Compares a float32 map with its reference. Where rounding decides which voxel of a pooling window
 * is the largest, a correct program may choose another one than float64: a few hundred voxels then
 * differ (PyTorch's own float32 does too), so these are counted and the rest is compared.
 */
export function compareMaps(map: ArrayLike<number>, reference: ArrayLike<number>): Comparison {
  if (map.length !== reference.length) throw new Error(`${map.length} voxels instead of ${reference.length}`);
  const squares = Float64Array.from(reference, (value, k) => (map[k]! - value) ** 2);
  const norm = Array.from(reference).reduce((sum, value) => sum + value * value, 0);
  const peak = Array.from(reference).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const flipped = squares.filter((square) => Math.sqrt(square) > 1e-4 * peak).length;
  const sorted = squares.slice().sort();
  const kept = sorted.subarray(0, Math.floor(sorted.length * 0.999));
  const total = (values: Float64Array) => Math.sqrt(values.reduce((sum, value) => sum + value, 0) / norm);
  return { error: total(sorted), trimmedError: total(kept), flipped };
}
