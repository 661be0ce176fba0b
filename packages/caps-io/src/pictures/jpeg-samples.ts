/** The samples of a component, row by row. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  /** Samples from one row to the next. */
  readonly stride: number;
  readonly samples: Uint8ClampedArray;
}

/**
 * A component on the grid of the picture, as libjpeg brings it there: by its "fancy" triangle filter where there are two
 * samples of the picture for one along an axis, else repeated. jdsample.c of libjpeg-turbo.
 * @param factors - Samples of the picture for one of the plane, along x and y.
 */
export function upsampled(
  plane: Plane,
  [fx, fy]: readonly [number, number],
  width: number,
  height: number,
): Uint8ClampedArray {
  const into = new Uint8ClampedArray(width * height);
  const isWide = plane.width > 2;
  for (let y = 0; y < height; y++) {
    const row = into.subarray(y * width, (y + 1) * width);
    const near = Math.floor(y / fy);
    const isFancy = (fx === 1 && fy === 2) || (fx === 2 && fy <= 2 && isWide);
    if (!isFancy) {
      const from = near * plane.stride;
      for (let x = 0; x < width; x++) row[x] = plane.samples[from + Math.floor(x / fx)]!;
    } else if (fy === 1) {
      alongX((x) => plane.samples[near * plane.stride + x]!, plane.width, row, [1, 2], 2);
    } else {
      const other = Math.min(Math.max(near + (y % 2 === 0 ? -1 : 1), 0), plane.height - 1);
      const sum = (x: number) =>
        3 * plane.samples[near * plane.stride + x]! + plane.samples[other * plane.stride + x]!;
      if (fx === 2) alongX(sum, plane.width, row, [8, 7], 4);
      else for (let x = 0; x < width; x++) row[x] = (sum(x) + 1 + (y % 2)) >> 2;
    }
  }
  return into;
}

/** Three quarters of the nearer value and one of the other; at the ends the value itself. */
function alongX(
  value: (x: number) => number,
  count: number,
  row: Uint8ClampedArray,
  [left, right]: readonly [number, number],
  shift: number,
): void {
  for (let x = 0; x < row.length; x++) {
    const near = x >> 1;
    const isLeft = x % 2 === 0;
    const other = Math.min(Math.max(near + (isLeft ? -1 : 1), 0), count - 1);
    row[x] = (3 * value(near) + value(other) + (isLeft ? left : right)) >> shift;
  }
}

/** Red, green and blue in place of luma and the differences of blue and red, as jdcolor.c of libjpeg-turbo. */
export function toRgb([luma, blue, red]: readonly [
  Uint8ClampedArray,
  Uint8ClampedArray,
  Uint8ClampedArray,
]): void {
  for (let k = 0; k < luma.length; k++) {
    const y = luma[k]!;
    const cb = blue[k]! - 128;
    const cr = red[k]! - 128;
    luma[k] = y + ((91881 * cr + 32768) >> 16);
    blue[k] = y + ((-22554 * cb - 46802 * cr + 32768) >> 16);
    red[k] = y + ((116130 * cb + 32768) >> 16);
  }
}
