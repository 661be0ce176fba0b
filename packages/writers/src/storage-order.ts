/** Side of the tiles, in voxels: two tiles of 4 kB stay in the first-level cache, and a cache line is used whole. */
const tile = 32;

/**
 * Copies a row-major volume ([X, Y, Z], z fastest) into column-major order (x fastest), as NIfTI stores it. For
 * each y it is the transposition of a matrix [X, Z], done tile by tile: walked plainly, one of both arrays
 * would be read with a cache miss per voxel.
 */
export function toColumnMajor(
  source: ArrayLike<number>,
  [X, Y, Z]: readonly [number, number, number],
  target: Float32Array | Int32Array | Uint8Array,
): void {
  const sourceStep = Y * Z;
  const targetStep = X * Y;
  for (let x0 = 0; x0 < X; x0 += tile) {
    const x1 = Math.min(x0 + tile, X);
    for (let y = 0; y < Y; y++) {
      for (let z0 = 0; z0 < Z; z0 += tile) {
        const z1 = Math.min(z0 + tile, Z);
        for (let z = z0; z < z1; z++) {
          let from = x0 * sourceStep + y * Z + z;
          let to = z * targetStep + y * X + x0;
          for (let x = x0; x < x1; x++, from += sourceStep) target[to++] = source[from]!;
        }
      }
    }
  }
}
