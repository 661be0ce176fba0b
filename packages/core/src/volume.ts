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

/**
 * The affine, where it places voxels in the world: undefined for an unknown position and for an exact identity, which
 * programs write where they know none. Whatever needs world coordinates or millimetres asks this first.
 */
export function knownPosition(affine: Affine | undefined): Affine | undefined {
  const isIdentity = affine?.every((row, k) => row.every((value, j) => value === (k === j ? 1 : 0)));
  return isIdentity ? undefined : affine;
}

/** Millimetres between voxels along each voxel axis. */
export function voxelSizes([x, y, z]: Affine): readonly [number, number, number] {
  return [Math.hypot(x[0], y[0], z[0]), Math.hypot(x[1], y[1], z[1]), Math.hypot(x[2], y[2], z[2])];
}

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

/**
 * Why an affine does not place voxels in space: a NaN or infinite value, or axes that do not span three dimensions.
 * It is judged in float32, in which NIfTI-1 stores it. Undefined if nothing is wrong with it.
 */
export function affineProblem(affine: Affine): string | undefined {
  const [x, y, z] = affine.slice(0, 3).map((row) => row.map(Math.fround)) as [number[], number[], number[]];
  if (![x, y, z].flat().every(Number.isFinite)) return "holds NaN or infinite values";
  const lengths = [0, 1, 2].map((axis) => Math.hypot(x[axis]!, y[axis]!, z[axis]!));
  if (lengths.every((length) => length === 0)) return "is all zeros";
  const longest = Math.max(...lengths);
  // No scanner has voxels of such sides; all positions along the shorter one are the same in float32.
  const empty = lengths.findIndex((length) => length <= 1e-9 * longest);
  if (empty >= 0) {
    const [size, beside] = [lengths[empty]!, longest].map((length) => Number(length.toPrecision(3)));
    return `is singular: the voxel size along axis ${empty + 1} is ${size}${size === 0 ? "" : ` beside ${beside}`}`;
  }
  const [u, v, w] = [x, y, z].map((row) => lengths.map((length, axis) => row[axis]! / length));
  const volume = determinant(u!, v!, w!);
  return Math.abs(volume) > 1e-6 ? undefined : "is singular: its axes are in one plane";
}

function determinant(u: readonly number[], v: readonly number[], w: readonly number[]): number {
  return (
    u[0]! * (v[1]! * w[2]! - v[2]! * w[1]!) -
    u[1]! * (v[0]! * w[2]! - v[2]! * w[0]!) +
    u[2]! * (v[0]! * w[1]! - v[1]! * w[0]!)
  );
}

/** How far apart, in mm, two affines put the same corner voxel of a grid: the largest of the eight distances. */
export function cornerDistance(one: Affine, other: Affine, shape: readonly number[]): number {
  let largest = 0;
  for (let corner = 0; corner < 8; corner++) {
    const voxel = [0, 1, 2].map((axis) => ((corner >> axis) & 1) * Math.max(0, (shape[axis] ?? 1) - 1));
    const apart = [0, 1, 2].map((row) => {
      const [a, b] = [one[row]!, other[row]!];
      return voxel.reduce((sum, index, axis) => sum + (a[axis]! - b[axis]!) * index, a[3] - b[3]);
    });
    largest = Math.max(largest, Math.hypot(...apart));
  }
  return largest;
}
