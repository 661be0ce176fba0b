/**
 * Voxel indices to millimetres, RAS+ (x grows to the right, y to the front, z upwards):
 * four rows of four numbers, `mm = affine · [i, j, k, 1]`.
 */
export type Affine = readonly [AffineRow, AffineRow, AffineRow, AffineRow];
/** One row of an affine. */
export type AffineRow = readonly [number, number, number, number];

/** Voxel indices are millimetres: where nothing says where voxels lie. */
export const identityAffine: Affine = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
];

/** A 3D image: `data` is row-major over `shape` [X, Y, Z] (z fastest), never without its place in the world. */
export interface Volume {
  /** Row-major: Z varies fastest. */
  readonly data: Float32Array;
  /** Voxels along the axes: [X, Y, Z]. */
  readonly shape: readonly [number, number, number];
  /** Voxel indices to mm, RAS+. */
  readonly affine: Affine;
}

/** The letters of the directions in which the three axes grow, e.g. "RAS" for the identity. */
export function axisCodes(affine: Affine): string {
  return closestAxes(affine)
    .map(({ world, sign }) => (sign > 0 ? "RAS" : "LPI")[world]!)
    .join("");
}

/**
 * For each voxel axis the world axis (0 right, 1 anterior, 2 superior) it runs along most, and in
 * which direction. Every world axis is taken once: the strongest match first.
 */
export function closestAxes(affine: Affine): {
  /** 0 right, 1 anterior, 2 superior. */
  world: 0 | 1 | 2;
  /** −1 where it runs the other way. */
  sign: 1 | -1;
}[] {
  const candidates = [];
  for (let axis = 0; axis < 3; axis++) {
    const length = Math.hypot(affine[0][axis]!, affine[1][axis]!, affine[2][axis]!) || 1;
    for (let world = 0; world < 3; world++) {
      candidates.push({ axis, world: world as 0 | 1 | 2, cosine: affine[world]![axis]! / length });
    }
  }
  candidates.sort((a, b) => Math.abs(b.cosine) - Math.abs(a.cosine));
  const result: { world: 0 | 1 | 2; sign: 1 | -1 }[] = [];
  const taken = new Set<number>();
  let found = 0;
  for (const { axis, world, cosine } of candidates) {
    if (found === 3) break;
    if (result[axis] !== undefined || taken.has(world)) continue;
    result[axis] = { world, sign: cosine < 0 ? -1 : 1 };
    taken.add(world);
    found++;
  }
  return result;
}
