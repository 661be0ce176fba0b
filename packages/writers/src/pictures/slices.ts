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
  for (const [row, { first, second, share }] of rows.entries()) {
    const above = first * slice.width;
    const below = second * slice.width;
    for (const [column, tap] of columns.entries()) {
      const top = blend(slice.values[above + tap.first]!, slice.values[above + tap.second]!, tap.share);
      const bottom = blend(slice.values[below + tap.first]!, slice.values[below + tap.second]!, tap.share);
      values[row * width + column] = blend(top, bottom, share);
    }
  }
  return { width, height, values };
}

interface Tap {
  readonly first: number;
  readonly second: number;
  readonly share: number;
}

/** For each pixel along a side the two voxels around its centre, and the share of the second. */
function tapsOf(voxels: number, pixels: number): Tap[] {
  return Array.from({ length: pixels }, (_, pixel) => {
    const position = Math.min(Math.max(((pixel + 0.5) / pixels) * voxels - 0.5, 0), voxels - 1);
    const first = Math.floor(position);
    return { first, second: Math.min(first + 1, voxels - 1), share: position - first };
  });
}

function blend(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
