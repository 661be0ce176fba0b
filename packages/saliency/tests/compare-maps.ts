export interface Comparison {
  /** ‖a − b‖ / ‖b‖ of all voxels. */
  readonly error: number;
  /** Voxels that differ by more than `change` times the largest value: float32 chose another maximum or side of a ReLU. */
  readonly flipped: number;
}

/**
 * Compares a float32 map with its reference, all voxels of it. Where rounding decides which voxel of a pooling window
 * is the largest, a correct program may choose another one than float64, and PyTorch's own float32 does: the voxels that
 * such a decision changes are counted, so that a test can bound the error and their number.
 */
export function compareMaps(map: ArrayLike<number>, reference: ArrayLike<number>, change = 1e-4): Comparison {
  if (map.length !== reference.length) throw new Error(`${map.length} voxels instead of ${reference.length}`);
  let [squares, norm, peak] = [0, 0, 0];
  for (let k = 0; k < reference.length; k++) {
    squares += (map[k]! - reference[k]!) ** 2;
    norm += reference[k]! ** 2;
    peak = Math.max(peak, Math.abs(reference[k]!));
  }
  let flipped = 0;
  // Written so that NaN counts, too.
  for (let k = 0; k < reference.length; k++)
    if (!(Math.abs(map[k]! - reference[k]!) <= change * peak)) flipped++;
  return { error: Math.sqrt(squares / norm), flipped };
}
