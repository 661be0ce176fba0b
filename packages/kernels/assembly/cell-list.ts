/** Lists of the cells of a row that have a gradient. */
import { Block } from "./block";
/** Bytes of a channel in a row of gradients: of 48 cells. */
// @ts-ignore: decorator
@inline export const GRADIENTS: usize = 192;

/** For each set of four lanes the bytes that move its lanes to the front: 16 × 16 bytes. */
export function compactionTable(to: usize): void {
  for (let set = 0; set < 16; set++) {
    let p = to + <usize>(set << 4);
    v128.store(p, i32x4.splat(0));
    for (let lane = 0; lane < 4; lane++) {
      if (!((set >> lane) & 1)) continue;
      store<u32>(p, <u32>lane * 0x04040404 + 0x03020100);
      p += 4;
    }
  }
}

/** Address of the adjacent gradients of one channel, from `cell` on: in their own memory, or in `to`, for all channels at c = 0. */
export function rowOfGradients(b: Block, cell: usize, c: i32, count: i32, to: usize): usize {
  if (b.gradientCell == 4) return b.gradient + <usize>c * b.gradientChannel + (cell << 2);
  const pitch = GRADIENTS;
  if (c == 0) {
    const step = b.gradientCell;
    for (let d = 0; d < b.outputs; d += 4) {
      let g = b.gradient + cell * step + <usize>(d << 2), p = to + <usize>d * pitch;
      for (let k = 0; k < count; k += 4, g += step << 2, p += 16) {
        const a0 = v128.load(g), a1 = v128.load(g + step), a2 = v128.load(g + step * 2), a3 = v128.load(g + step * 3);
        const t0 = v128.shuffle<f32>(a0, a1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(a2, a3, 0, 4, 1, 5);
        const t2 = v128.shuffle<f32>(a0, a1, 2, 6, 3, 7), t3 = v128.shuffle<f32>(a2, a3, 2, 6, 3, 7);
        v128.store(p, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
        v128.store(p, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7), pitch);
        v128.store(p, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), pitch * 2);
        v128.store(p, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7), pitch * 3);
      }
    }
  }
  return to + <usize>c * pitch;
}

/**
 * Lists the cells of channel c that have a gradient: in `offsets` where they begin in the sums, in `values` their gradients behind the
 * activation. `table`: as `compactionTable` wrote it. Returns the end of the offsets.
 */
export function listCells(
  b: Block, c: i32, code: usize, g: usize, count: i32, table: usize, offsets: usize, values: usize,
  cellStep: i32, zStep: i32, yStep: i32, xStep: i32,
): usize {
  const slope = v128.load_splat<f32>(b.factors + <usize>(c << 4) + 8);
  // Codes from here on have no gradient: all that are not above 0, or paddings.
  const limit = i32x4.splat(f32x4.extract_lane(slope, 0) == 0 ? 127 : 254), positive = i32x4.splat(127);
  const z = i32x4.splat(zStep), y = i32x4.splat(yStep), x = i32x4.splat(xStep), step = i32x4.splat(4 * cellStep);
  let at = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(cellStep));
  for (let k = 0; k < count; k += 4, code += 4, g += 16) {
    const codes = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(code)));
    let value = v128.load(g);
    value = v128.bitselect(f32x4.mul(value, slope), value, i32x4.gt_s(codes, positive));
    let offset = i32x4.add(at, v128.and(i32x4.shr_s(i32x4.shl(codes, 31), 31), z));
    offset = i32x4.add(offset, v128.and(i32x4.shr_s(i32x4.shl(codes, 30), 31), y));
    offset = i32x4.add(offset, v128.and(i32x4.shr_s(i32x4.shl(codes, 29), 31), x));
    let set = ~i32x4.bitmask(i32x4.gt_s(codes, limit)) & 15;
    if (k + 4 > count) set &= (1 << (count - k)) - 1;
    const order = v128.load(table + <usize>(set << 4));
    v128.store(offsets, i8x16.swizzle(offset, order));
    v128.store(values, i8x16.swizzle(value, order));
    const listed = <usize>popcnt(set) << 2;
    offsets += listed;
    values += listed;
    at = i32x4.add(at, step);
  }
  return offsets;
}
