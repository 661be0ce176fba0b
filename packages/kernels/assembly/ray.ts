/**
 * Gradients at multiples α·x of one image, each times a weight and summed: what integrated gradients from a baseline of zeros are made of.
 *
 * A convolution of α·x is α times that of x, so that for every α above 0 the maximum of a window is at the same position. The first block's
 * convolution and its maxima are therefore computed once, without biases and activation; at each point only these two follow. What flows back
 * to the maxima is summed there, and goes through the convolution once.
 */
import { Block } from "./block";
import { GRADIENTS, rowOfGradients } from "./cell-list";
import { convolveAlong, NEGATIVE, NOTHING } from "./convolve64";

/** `src/record.ts` writes the fields in this order. */
@unmanaged
export class Ray {
  /** The first block, as its forward kernel reads it: `point` is set. */
  block: usize;
  /** Maxima of the convolution of x without biases; a byte for each, whose bits 0 to 5 are its position. [outputs][x][y][z]. */
  maxima: usize;
  positions: usize;
  /** Float64, in the same order: gradients at what is behind the convolution. */
  sums: usize;
}
/** Bytes of the record: the host compares them with its own. */
export function rayBytes(): usize {
  return offsetof<Ray>();
}

/** The values behind the first block for α·x, and their codes. Planes of the output are counted. */
export function scaleMaxima(at: usize, scratch: usize, from: i32, to: i32): void {
  const r = changetype<Ray>(at), b = changetype<Block>(r.block);
  for (let px = from; px < to; px++) {
    for (let c = 0; c < b.outputs; c++) {
      const first = <usize>((c * b.outX + px) * b.outY) * <usize>b.outZ;
      for (let py = 0, row = first; py < b.outY; py++, row += b.outZ) {
        scaleRow(r, b, c, px, py, row, (px == 0 && b.zeroX != 0) || (py == 0 && b.zeroY != 0));
      }
    }
  }
}

/** One row of cells, the first of which is the `row`th; `isPadded`: a zero takes part in each of their maxima. */
// @ts-ignore: decorator
@inline
function scaleRow(r: Ray, b: Block, c: i32, px: i32, py: i32, row: usize, isPadded: bool): void {
  const channel = <usize>c << 2, alpha = v128.load_splat<f64>(b.point), zero = f32x4.splat(0), last = <usize>(b.outZ - 4);
  const bias = f64x2.promote_low_f32x4(v128.load_splat<f32>(b.bias + channel));
  const slope = v128.load_splat<f32>(b.slopes + channel), bound = v128.load_splat<f32>(b.bounds + channel);
  const marks: u32 = isPadded ? 0xffffffff : 0x80808080, lost = i32x4.splat(isPadded ? -1 : 0);
  for (let k: usize = 0; ; k = min(k + 4, last)) { // the last four cells may overlap those before
    const cell = row + k, m = v128.load(r.maxima + (cell << 2));
    const low = f64x2.add(f64x2.mul(f64x2.promote_low_f32x4(m), alpha), bias);
    const high = f64x2.add(f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<f32>(m, m, 2, 3, 2, 3)), alpha), bias);
    const sum = v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
    const off = f32x4.le(sum, zero), half = i16x8.narrow_i32x4_s(off, off);
    const value = f32x4.add(f32x4.pmax(f32x4.mul(sum, slope), sum), zero); // + 0: no -0
    v128.store(b.output + (cell << 2), v128.andnot(value, v128.and(off, lost)));
    const bytes = <u32>i32x4.extract_lane(i8x16.narrow_i16x8_s(half, half), 0);
    store<u32>(b.codes + cell, (load<u32>(r.positions + cell) & 0x3f3f3f3f) | (bytes & marks));
    const near = i32x4.bitmask(f32x4.le(f32x4.abs(sum), bound));
    if (near) for (let l: usize = 0; l < 4; l++) if ((near >> <i32>l) & 1) decideSign(r, b, c, px, py, <i32>(k + l), cell + l, isPadded);
    if (k == last) break;
  }
  if (b.zeroZ && load<u8>(b.codes + row) & <u8>NEGATIVE) {
    f32.store(b.output + (row << 2), 0);
    store<u8>(b.codes + row, <u8>NOTHING);
  }
}

/** Decides in float64 whether a value is above 0. */
function decideSign(r: Ray, b: Block, c: i32, px: i32, py: i32, pz: i32, cell: usize, isPadded: bool): void {
  const id = <i32>load<u8>(r.positions + cell) & 63;
  const x = 2 * px + (id >> 2) - b.beforeX, y = 2 * py + ((id >> 1) & 1) - b.beforeY, z = 2 * pz + (id & 1) - b.beforeZ;
  const sum = convolveAlong(b, c, x, y, z), isOn = sum > 0;
  const value = isOn ? sum : isPadded ? 0 : sum * f64.load(b.slopes64 + (<usize>c << 3));
  f32.store(b.output + (cell << 2), <f32>value + 0);
  store<u8>(b.codes + cell, <u8>(isOn ? id : isPadded ? NOTHING : id | NEGATIVE));
}

/** Cells whose gradients are looked at together. */
const CELLS: i32 = <i32>(GRADIENTS >> 2);

/** Adds the gradient at the output, behind the activation and times the weight of the point, to the sums. */
export function addToSums(at: usize, scratch: usize, from: i32, to: i32): void {
  const r = changetype<Ray>(at), b = changetype<Block>(r.block), plane = b.outY * b.outZ, cells = <usize>(b.outX * plane);
  const weight = v128.load_splat<f64>(b.point + 8), positive = i32x4.splat(127), none = i32x4.splat(NOTHING);
  for (let px = from; px < to; px++) {
    for (let k = 0; k < plane; k += CELLS) {
      const first = <usize>(px * plane + k), count = min(CELLS, plane - k);
      for (let c = 0; c < b.outputs; c++) {
        const factors = b.factors + <usize>(c << 4), slope = v128.load_splat<f32>(factors + 8);
        let g = rowOfGradients(b, first, c, count, scratch), code = b.codes + <usize>c * cells + first;
        let sum = r.sums + (<usize>c * cells + first << 3), i = 0;
        for (; i + 4 <= count; i += 4, g += 16, code += 4, sum += 32) {
          const codes = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(code)));
          let value = v128.load(g);
          value = v128.bitselect(f32x4.mul(value, slope), value, i32x4.gt_s(codes, positive));
          value = v128.andnot(value, i32x4.eq(codes, none));
          v128.store(sum, f64x2.add(v128.load(sum), f64x2.mul(weight, f64x2.promote_low_f32x4(value))));
          value = v128.shuffle<f32>(value, value, 2, 3, 2, 3);
          v128.store(sum, f64x2.add(v128.load(sum, 16), f64x2.mul(weight, f64x2.promote_low_f32x4(value))), 16);
        }
        for (; i < count; i++, g += 4, code++, sum += 8) {
          const value = f32.load(g) * f32.load(factors + <usize>(load<u8>(code) >> 6 << 2));
          f64.store(sum, f64.load(sum) + f64.load(b.point, 8) * <f64>value);
        }
      }
    }
  }
}

/** Writes the sums, rounded, to the output of the block: [outputs][x][y][z]. */
export function roundSums(at: usize, scratch: usize, from: i32, to: i32): void {
  const r = changetype<Ray>(at), b = changetype<Block>(r.block), plane = <usize>(b.outY * b.outZ);
  for (let c = 0; c < b.outputs; c++) {
    let cell = <usize>(c * b.outX + from) * plane;
    for (const end = cell + <usize>(to - from) * plane; cell < end; cell++) {
      f32.store(b.output + (cell << 2), <f32>f64.load(r.sums + (cell << 3)));
    }
  }
}
