/** Where the coefficients of zigzag order stand in a block, row by row. T.81, figure A.6. */
const zigzag = Uint8Array.of(
  ...[
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21,
  ],
  ...[
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53,
    60, 61,
  ],
  ...[54, 47, 55, 62, 63],
);

const work = new Int32Array(64);

/**
 * The samples of a block, from 0 to 255: the "slow integer" transform that libjpeg uses by default, to the
 * bit. Loeffler, Ligtenberg and Moschytz, 1989; jidctint.c of libjpeg-turbo.
 * @param quantization - In zigzag order, as the coefficients.
 */
export function inverseTransform(
  coefficients: Int16Array,
  from: number,
  quantization: Uint16Array,
  samples: Uint8ClampedArray,
  to: number,
  stride: number,
): void {
  for (let k = 0; k < 64; k++) work[zigzag[k]!] = coefficients[from + k]! * quantization[k]!;
  // Columns keep 2 bits more; rows divide by 8 as well.
  for (let k = 0; k < 8; k++) transform(k, 8, 11);
  for (let k = 0; k < 8; k++) {
    transform(8 * k, 1, 18);
    for (let x = 0; x < 8; x++) {
      samples[to + k * stride + x] = work[8 * k + x]! + 128;
    }
  }
}

/** Eight values of `work`, a step apart. Constants have 13 bits behind the point, of which `shift` are rounded off. */
function transform(at: number, step: number, shift: number): void {
  const [i1, i2, i3] = [at + step, at + 2 * step, at + 3 * step];
  const [i4, i5, i6, i7] = [at + 4 * step, at + 5 * step, at + 6 * step, at + 7 * step];
  const [x0, x2, x4, x6] = [work[at]!, work[i2]!, work[i4]!, work[i6]!];
  const middle = (x2 + x6) * 4433;
  const even2 = middle - x6 * 15137;
  const even3 = middle + x2 * 6270;
  const even0 = (x0 + x4) * 8192;
  const even1 = (x0 - x4) * 8192;
  const [sum0, sum3, sum1, sum2] = [even0 + even3, even0 - even3, even1 + even2, even1 - even2];

  const [x7, x5, x3, x1] = [work[i7]!, work[i5]!, work[i3]!, work[i1]!];
  const all = (x7 + x3 + x5 + x1) * 9633;
  const z1 = -(x7 + x1) * 7373;
  const z2 = -(x5 + x3) * 20995;
  const z3 = all - (x7 + x3) * 16069;
  const z4 = all - (x5 + x1) * 3196;
  const odd7 = x7 * 2446 + z1 + z3;
  const odd5 = x5 * 16819 + z2 + z4;
  const odd3 = x3 * 25172 + z2 + z3;
  const odd1 = x1 * 12299 + z1 + z4;

  const half = 2 ** (shift - 1);
  work[at] = (sum0 + odd1 + half) >> shift;
  work[i7] = (sum0 - odd1 + half) >> shift;
  work[i1] = (sum1 + odd3 + half) >> shift;
  work[i6] = (sum1 - odd3 + half) >> shift;
  work[i2] = (sum2 + odd5 + half) >> shift;
  work[i5] = (sum2 - odd5 + half) >> shift;
  work[i3] = (sum3 + odd7 + half) >> shift;
  work[i4] = (sum3 - odd7 + half) >> shift;
}
