import { type Affine, elementCount, type Volume } from "@voxplain/core";

/** Three numbers: indices of a voxel [i, j, k], or millimetres [x, y, z] to the right, front and top. */
export type Triple = readonly [number, number, number];

/** The place of a voxel's centre. */
export function placeOf({ affine }: Volume, [i, j, k]: Triple): Triple {
  const along = (row: 0 | 1 | 2) =>
    affine[row][0] * i + affine[row][1] * j + affine[row][2] * k + affine[row][3];
  return [along(0), along(1), along(2)];
}

/** The voxel whose centre is nearest; inside the volume where the place is outside. */
export function voxelAt({ affine, shape }: Volume, [x, y, z]: Triple): Triple {
  const [a, b, c] = columns(affine);
  const from: Triple = [x - affine[0][3], y - affine[1][3], z - affine[2][3]];
  const determinant = dot(a, cross(b, c));
  // Cramer's rule.
  const indices = [dot(from, cross(b, c)), dot(a, cross(from, c)), dot(a, cross(b, from))];
  const inside = (axis: 0 | 1 | 2) =>
    Math.min(shape[axis] - 1, Math.max(0, Math.round(indices[axis]! / determinant) || 0));
  return [inside(0), inside(1), inside(2)];
}

export function valueAt({ data, shape }: Volume, [i, j, k]: Triple): number {
  return data[(i * shape[1] + j) * shape[2] + k] ?? Number.NaN;
}

/** The voxel with the largest absolute value; the first of several. */
export function strongestVoxel({ data, shape }: Volume): Triple {
  let at = 0;
  let largest = -1;
  for (let index = 0; index < elementCount(shape); index++) {
    const size = Math.abs(data[index]!);
    if (size > largest) {
      largest = size;
      at = index;
    }
  }
  const [, height, depth] = shape;
  return [Math.floor(at / (height * depth)), Math.floor(at / depth) % height, at % depth];
}

function columns(affine: Affine): [Triple, Triple, Triple] {
  const column = (axis: 0 | 1 | 2): Triple => [affine[0][axis], affine[1][axis], affine[2][axis]];
  return [column(0), column(1), column(2)];
}

function cross(a: Triple, b: Triple): Triple {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Triple, b: Triple): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
