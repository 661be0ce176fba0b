import {
  type Affine,
  indexOfVoxel,
  type Point,
  pointAt,
  strongestIndex,
  type Volume,
  type Voxel,
  voxelAt,
} from "@voxplain/core";
import { oncePerArray } from "./once-per-array.ts";
import type { Extent, Extents, Plane } from "./plane-layout.ts";

export function valueAt({ data, shape }: Volume, voxel: Voxel): number {
  return data[indexOfVoxel(voxel, shape)] ?? Number.NaN;
}

/** The voxel with the largest absolute value; the first of several. */
export function strongestVoxel({ data, shape }: Volume): Voxel {
  return voxelAt(strongestIndex(data) ?? 0, shape);
}

/** The smallest and the largest value of a map, or 0. */
export interface ValueRange {
  readonly least: number;
  readonly most: number;
}

export const rangeOf = oncePerArray((values): ValueRange => {
  let least = 0;
  let most = 0;
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    if (value < least) least = value;
    else if (value > most) most = value;
  }
  return { least, most };
});

/** Axes of a picture without a position: the first row is at the top, the first column at the left. */
export const pictureAffine: Affine = [
  [0, 1, 0, 0],
  [-1, 0, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
];

/** The plane that an image of one voxel along one axis is in; undefined for volumes. */
export function planeOfFlat({ shape, affine }: Pick<Volume, "shape" | "affine">): Plane | undefined {
  const axis = shape.indexOf(1);
  if (axis < 0) return undefined;
  const across = ([0, 1, 2] as const).map((world) => Math.abs(affine[world][axis as 0 | 1 | 2]));
  return (["sagittal", "coronal", "axial"] as const)[across.indexOf(Math.max(...across))];
}

/** Voxels of tissue are brighter than this share of the brightest. */
const dark = 0.1;

/** Where the anatomy is, in millimetres: from left to right, back to front, bottom to top. */
export function extentsOf({ data, shape, affine }: Volume): Extents {
  const { most: brightest } = rangeOf(data);
  const [, height, depth] = shape;
  const low = [...shape] as [number, number, number];
  const high: [number, number, number] = [-1, -1, -1];
  for (let at = 0; at < data.length; at++) {
    if (!(data[at]! > dark * brightest)) continue;
    const voxel = [Math.floor(at / (height * depth)), Math.floor(at / depth) % height, at % depth] as const;
    for (const axis of [0, 1, 2] as const) {
      if (voxel[axis] < low[axis]) low[axis] = voxel[axis];
      if (voxel[axis] > high[axis]) high[axis] = voxel[axis];
    }
  }
  // An image without contrast is all anatomy.
  const [from, to] = high[0] < 0 ? [[0, 0, 0], shape.map((length) => length - 1)] : [low, high];
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((corner) => {
    const voxel = [0, 1, 2].map((axis) => ((corner >> axis) & 1 ? to : from)[axis]!);
    return pointAt(voxel as unknown as Point, affine);
  });
  const along = (world: 0 | 1 | 2): Extent => {
    const places = corners.map((corner) => corner[world]);
    return [Math.min(...places), Math.max(...places)];
  };
  return [along(0), along(1), along(2)];
}
