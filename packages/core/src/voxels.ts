import { forAxes } from "./axes.ts";
import { type Affine, cornerDistance, determinant, stepAlong, type Volume } from "./volume.ts";

/** Indices [i, j, k] along the axes of a volume. */
export type Voxel = readonly [i: number, j: number, k: number];

/** A position in mm, RAS+: x to the right, y to the front, z upwards. */
export type Point = readonly [x: number, y: number, z: number];

/** The voxel of an index into row-major data. */
export function voxelAt(index: number, [, height, depth]: Volume["shape"]): Voxel {
  return [Math.floor(index / (height * depth)), Math.floor(index / depth) % height, index % depth];
}

/** The index of a voxel in row-major data. */
export function indexOfVoxel([i, j, k]: Voxel, [, height, depth]: Volume["shape"]): number {
  return (i * height + j) * depth + k;
}

/** The centre of a voxel. */
export function pointAt([i, j, k]: Voxel, affine: Affine): Point {
  return forAxes((row) => affine[row][0] * i + affine[row][1] * j + affine[row][2] * k + affine[row][3]);
}

/**
 * From a position to voxel indices, which are fractions between voxels and negative outside: the inverse of
 * `pointAt`. Undefined for an affine that puts all voxels on a plane.
 */
export function voxelLocator(affine: Affine): ((point: Point) => Voxel) | undefined {
  const [a, b, c] = forAxes((axis) => stepAlong(affine, axis));
  const whole = determinant(a, b, c);
  if (!Number.isFinite(whole) || whole === 0) return undefined;
  const [x0, y0, z0] = [affine[0][3], affine[1][3], affine[2][3]];
  return ([x, y, z]) => {
    const from: Point = [x - x0, y - y0, z - z0];
    // Cramer's rule.
    return [
      determinant(from, b, c) / whole,
      determinant(a, from, c) / whole,
      determinant(a, b, from) / whole,
    ];
  };
}

/** The voxel whose centre is nearest to a position; one at the border where the position is outside. */
export function nearestVoxel({ affine, shape }: Pick<Volume, "affine" | "shape">, point: Point): Voxel {
  const found = voxelLocator(affine)?.(point) ?? [0, 0, 0];
  return forAxes((axis) => Math.min(shape[axis] - 1, Math.max(0, Math.round(found[axis]) || 0)));
}

/** In mm. */
const tolerance = 0.01;

/** Whether two affines put each of the eight corner voxels of a grid within 0.01 mm of each other. */
export function isSamePosition(one: Affine, other: Affine, shape: readonly number[]): boolean {
  return cornerDistance(one, other, shape) <= tolerance;
}

/** Index of the largest finite |value|, the first of several; `undefined` where nothing is finite. */
export function strongestIndex(values: Float32Array): number | undefined {
  // Without the sign, the bits of numbers have the order of the numbers, and what is not finite is beyond them: twice as fast.
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  let best = -1;
  let strength = -1;
  for (let index = 0; index < bits.length; index++) {
    const size = bits[index]! & 0x7fffffff;
    if (size > strength && size < infiniteBits) {
      best = index;
      strength = size;
    }
  }
  return best < 0 ? undefined : best;
}

const infiniteBits = 0x7f800000;
