import { type Axis, forAxes } from "./axes.ts";
import { elementAt } from "./element-at.ts";

/**
 * Voxel indices to millimetres, RAS+ (x grows to the right, y to the front, z upwards):
 * four rows of four numbers, `mm = affine · [i, j, k, 1]`.
 */
export type Affine = readonly [AffineRow, AffineRow, AffineRow, AffineRow];
/** One row of an affine. */
export type AffineRow = readonly [number, number, number, number];

/** Voxel indices as millimetres: used where the position of the voxels is unknown. */
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
export function voxelSizes(affine: Affine): readonly [number, number, number] {
  return forAxes((axis) => Math.hypot(...stepAlong(affine, axis)));
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

/** How far one step along a voxel axis leads, in mm along the three world axes. */
export function stepAlong(affine: Affine, axis: Axis): readonly [number, number, number] {
  return forAxes((world) => affine[world][axis]);
}

/** The letters of the directions in which the three axes grow, e.g. "RAS" for the identity. */
export function axisCodes(affine: Affine): string {
  const letters = [
    ["R", "L"],
    ["A", "P"],
    ["S", "I"],
  ] as const;
  return closestAxes(affine)
    .map(({ world, sign }) => letters[world][sign > 0 ? 0 : 1])
    .join("");
}

/** The world axis that a voxel axis runs along most. */
export interface AxisDirection {
  /** 0 right, 1 anterior, 2 superior. */
  readonly world: Axis;
  /** −1 where it runs the other way. */
  readonly sign: 1 | -1;
}

/**
 * For each voxel axis the world axis it runs along most, and in which direction. Every world axis is taken once: the
 * strongest match first.
 */
export function closestAxes(affine: Affine): readonly [AxisDirection, AxisDirection, AxisDirection] {
  const candidates = forAxes((axis) => {
    const step = stepAlong(affine, axis);
    const length = Math.hypot(...step) || 1;
    return forAxes((world) => ({ axis, world, cosine: step[world] / length }));
  }).flat();
  candidates.sort((a, b) => Math.abs(b.cosine) - Math.abs(a.cosine));
  const chosen: typeof candidates = [];
  for (const one of candidates) {
    if (!chosen.some(({ axis, world }) => axis === one.axis || world === one.world)) chosen.push(one);
  }
  chosen.sort((a, b) => a.axis - b.axis);
  return forAxes((axis) => {
    const { world, cosine } = elementAt(chosen, axis);
    return { world, sign: cosine < 0 ? -1 : 1 };
  });
}

/**
 * Why an affine does not place voxels in space: a NaN or infinite value, or axes that do not span three dimensions.
 * It is judged in float32, in which NIfTI-1 stores it. Undefined if nothing is wrong with it.
 */
export function affineProblem(affine: Affine): string | undefined {
  const stored = affine.slice(0, 3).flatMap((row) => row.map(Math.fround));
  if (!stored.every(Number.isFinite)) return "holds NaN or infinite values";
  const steps = forAxes((axis) => forAxes((world) => Math.fround(affine[world][axis])));
  const lengths = steps.map((step) => Math.hypot(...step));
  const longest = Math.max(...lengths);
  if (longest === 0) return "is all zeros";
  // No scanner has voxels of such sides; all positions along the shorter one are the same in float32.
  for (const [axis, length] of lengths.entries()) {
    if (length > 1e-9 * longest) continue;
    const [size, beside] = [rounded(length), rounded(longest)];
    return `is singular: the voxel size along axis ${axis + 1} is ${size}${size === 0 ? "" : ` beside ${beside}`}`;
  }
  const [u, v, w] = forAxes((axis) => {
    const length = Math.hypot(...steps[axis]);
    return forAxes((world) => steps[axis][world] / length);
  });
  return Math.abs(determinant(u, v, w)) > 1e-6 ? undefined : "is singular: its axes are in one plane";
}

function rounded(length: number): number {
  return Number(length.toPrecision(3));
}

/** Determinant of the matrix with these rows, or with these columns. */
export function determinant(u: Triple, v: Triple, w: Triple): number {
  return (
    u[0] * (v[1] * w[2] - v[2] * w[1]) -
    u[1] * (v[0] * w[2] - v[2] * w[0]) +
    u[2] * (v[0] * w[1] - v[1] * w[0])
  );
}

type Triple = readonly [number, number, number];

/** How far apart, in mm, two affines put the same corner voxel of a grid: the largest of the eight distances. */
export function cornerDistance(one: Affine, other: Affine, shape: readonly number[]): number {
  const last = forAxes((axis) => Math.max(0, (shape[axis] ?? 1) - 1));
  let largest = 0;
  for (let corner = 0; corner < 8; corner++) {
    const apart = forAxes((row) => {
      const [a, b] = [one[row], other[row]];
      return forAxes((axis) => ((corner >> axis) & 1) * last[axis] * (a[axis] - b[axis])).reduce(
        (sum, shift) => sum + shift,
        a[3] - b[3],
      );
    });
    largest = Math.max(largest, Math.hypot(...apart));
  }
  return largest;
}
