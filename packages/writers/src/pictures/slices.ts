import type { Volume } from "@voxplain/core";
import type { PlaneView } from "./plane-views.ts";

/** A plane of values as it is seen: row by row from the top, each from the left. */
export interface Slice {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** Cuts a plane out of a volume, one value per voxel. What is not finite becomes `missing`. */
export function sliceOf({ data, shape }: Volume, view: PlaneView, missing: number): Slice {
  const strides = [shape[1] * shape[2], shape[2], 1] as const;
  const { horizontal, vertical, across } = view;
  const { voxels: width } = horizontal;
  const { voxels: height } = vertical;
  const values = new Float32Array(width * height);
  const start = across.index * strides[across.axis];
  for (let row = 0; row < height; row++) {
    const y = (vertical.reversed ? height - 1 - row : row) * strides[vertical.axis];
    for (let column = 0; column < width; column++) {
      const x = (horizontal.reversed ? width - 1 - column : column) * strides[horizontal.axis];
      const value = data[start + y + x]!;
      values[row * width + column] = Number.isFinite(value) ? value : missing;
    }
  }
  return { width, height, values };
}

/**
 * The same picture with another number of pixels: bilinear between the voxels' centres; beyond the outer
 * centres, the outer value.
 */
export function resizeSlice(slice: Slice, width: number, height: number): Slice {
  const columns = tapsOf(slice.width, width);
  const rows = tapsOf(slice.height, height);
  const values = new Float32Array(width * height);
  const { values: given } = slice;
  for (let row = 0; row < height; row++) {
    const above = rows.first[row]! * slice.width;
    const below = rows.second[row]! * slice.width;
    const share = rows.share[row]!;
    for (let column = 0; column < width; column++) {
      const [first, second] = [columns.first[column]!, columns.second[column]!];
      const across = columns.share[column]!;
      const top = blend(given[above + first]!, given[above + second]!, across);
      const bottom = blend(given[below + first]!, given[below + second]!, across);
      values[row * width + column] = blend(top, bottom, share);
    }
  }
  return { width, height, values };
}

/** For each pixel along a side the two voxels around its centre, and the share of the second. */
function tapsOf(voxels: number, pixels: number) {
  const [first, second] = [new Int32Array(pixels), new Int32Array(pixels)];
  const share = new Float64Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const position = Math.min(Math.max(((pixel + 0.5) / pixels) * voxels - 0.5, 0), voxels - 1);
    const voxel = Math.floor(position);
    first[pixel] = voxel;
    second[pixel] = Math.min(voxel + 1, voxels - 1);
    share[pixel] = position - voxel;
  }
  return { first, second, share };
}

function blend(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
