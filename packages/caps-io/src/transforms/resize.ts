/**
 * Bilinear resize of 8-bit images as Pillow computes it (9.4, `Image.resize` with BILINEAR): with
 * antialiasing, weights in fixed point, a pass along rows and one along columns, each rounded to 8 bits.
 */
export type PlaneSize = readonly [height: number, width: number];

const precisionBits = 22;
const half = 1 << (precisionBits - 1);

/** Along one axis: which pixels an output takes, and how much of each, in units of 2^-22. */
interface Taps {
  /** The first pixel of each output. */
  readonly from: Int32Array;
  /** Outputs × most: a row per output, zeros behind its last tap. */
  readonly weights: Int32Array;
  readonly most: number;
}

function tapsOf(input: number, output: number): Taps {
  const scale = input / output;
  // Pillow multiplies by the reciprocal; a division would round differently.
  const support = Math.max(scale, 1);
  const sharpness = 1 / support;
  const most = Math.ceil(support) * 2 + 1;
  const from = new Int32Array(output);
  const weights = new Int32Array(output * most);
  for (let k = 0; k < output; k++) {
    const centre = (k + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const last = Math.min(input, Math.trunc(centre + support + 0.5));
    const triangle = Array.from({ length: last - first }, (_, tap) =>
      Math.max(0, 1 - Math.abs((tap + first - centre + 0.5) * sharpness)),
    );
    const sum = triangle.reduce((total, weight) => total + weight, 0);
    from[k] = first;
    triangle.forEach((weight, tap) => {
      weights[k * most + tap] = Math.trunc(0.5 + (weight / sum) * 2 ** precisionBits);
    });
  }
  return { from, weights, most };
}

/** Resizes one channel, row-major. */
export function resizeBytes(pixels: Uint8Array, from: PlaneSize, to: PlaneSize): Uint8ClampedArray {
  const wide = alongRows(pixels, from, to[1]);
  return alongColumns(wide, [from[0], to[1]], to[0]);
}

function alongRows(
  pixels: Uint8Array | Uint8ClampedArray,
  [height, width]: PlaneSize,
  output: number,
): Uint8ClampedArray {
  const { from, weights, most } = tapsOf(width, output);
  const result = new Uint8ClampedArray(height * output);
  for (let row = 0, to = 0; row < height; row++) {
    for (let k = 0; k < output; k++, to++) {
      const first = from[k]!;
      const start = row * width + first;
      const taps = Math.min(most, width - first);
      let sum = half;
      for (let tap = 0; tap < taps; tap++) sum += pixels[start + tap]! * weights[k * most + tap]!;
      result[to] = sum >> precisionBits;
    }
  }
  return result;
}

function alongColumns(
  pixels: Uint8ClampedArray,
  [height, width]: PlaneSize,
  output: number,
): Uint8ClampedArray {
  const { from, weights, most } = tapsOf(height, output);
  const result = new Uint8ClampedArray(output * width);
  const sums = new Int32Array(width);
  for (const [k, first] of from.entries()) {
    sums.fill(half);
    const taps = Math.min(most, height - first);
    for (let tap = 0; tap < taps; tap++) {
      const weight = weights[k * most + tap]!;
      const row = (first + tap) * width;
      for (let column = 0; column < width; column++) sums[column]! += pixels[row + column]! * weight;
    }
    for (let column = 0; column < width; column++)
      result[k * width + column] = sums[column]! >> precisionBits;
  }
  return result;
}

/**
 * The adjoint of the resize: a gradient on the resized plane carried back to the pixels it was made
 * from, in float64. The rounding to 8 bits has no derivative and counts as the identity.
 * @param from - The size before the resize, that of the result.
 * @param to - The size of `gradient`.
 */
export function resizeAdjoint(gradient: ArrayLike<number>, from: PlaneSize, to: PlaneSize): Float64Array {
  const [height, width] = from;
  const [, outputWidth] = to;
  const tall = new Float64Array(height * outputWidth);
  forEachTap(tapsOf(height, to[0]), (output, input, weight) => {
    for (let column = 0; column < outputWidth; column++) {
      tall[input * outputWidth + column]! += weight * gradient[output * outputWidth + column]!;
    }
  });
  const result = new Float64Array(height * width);
  forEachTap(tapsOf(width, outputWidth), (output, input, weight) => {
    for (let row = 0; row < height; row++) {
      result[row * width + input]! += weight * tall[row * outputWidth + output]!;
    }
  });
  return result;
}

function forEachTap(
  { from, weights, most }: Taps,
  visit: (output: number, input: number, weight: number) => void,
): void {
  for (const [output, first] of from.entries()) {
    for (const [tap, weight] of weights.subarray(output * most, (output + 1) * most).entries()) {
      if (weight !== 0) visit(output, first + tap, weight / 2 ** precisionBits);
    }
  }
}
