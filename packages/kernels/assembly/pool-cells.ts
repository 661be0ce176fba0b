/** Activation and 2×2×2 max-pooling of four adjacent cells of a row. */
import { Block } from "./block";
import { decideCell } from "./decide";
import { divide } from "./divide";
import { areConstant, constantPositions } from "./constant-positions";
import { sumsOfTile, sumsOfWindow } from "./window-sums";

// Bits of `edges`: position 0 or 1 of the window is outside along x (1, 2), along y (4, 8), along z in the first (16) or last (32) lane.
/** Bits along x and y of the cells of plane px and row py. */
export function edgesOf(b: Block, px: i32, py: i32): i32 {
  let edges = 0;
  if (px == 0 && b.beforeX) edges |= 1;
  if (2 * px + 1 - b.beforeX >= b.convX) edges |= 2;
  if (py == 0 && b.beforeY) edges |= 4;
  if (2 * py + 1 - b.beforeY >= b.convY) edges |= 8;
  return edges;
}
/** Adds the bits along z of the `count` cells from pz on. */
// @ts-ignore: decorator
@inline
export function edgesAlong(b: Block, edges: i32, pz: i32, count: i32): i32 {
  if (pz == 0 && b.beforeZ) edges |= 16;
  if (2 * (pz + count) - 1 - b.beforeZ >= b.convZ) edges |= 32;
  return edges;
}

/**
 * s0 to s7: the convolution at the eight positions of the cells' windows, in scan order. `bound`: as in the block's `bounds`. `source`: what
 * they were made of, by `sumsOfTile` or by `sumsOfWindow`. `notes`: two bytes of each of the four cells, 0 at first; `sums`: 128 bytes.
 */
// @ts-ignore: decorator
@inline
export function poolCells(
  b: Block, c: i32, px: i32, py: i32, pz: i32, edges: i32, slope: v128, bound: v128,
  s0: v128, s1: v128, s2: v128, s3: v128, s4: v128, s5: v128, s6: v128, s7: v128,
  source: usize, isTile: bool, notes: usize, sums: usize,
): void {
  const zero = i32x4.splat(0), at = <usize>((c * b.outX + px) * b.outY + py) * <usize>b.outZ + <usize>pz, output = b.output + (at << 2);
  let padded = zero;
  if (edges) {
    const low = f32x4.splat(-f32.MAX_VALUE), ones = i32x4.splat(-1);
    const z0 = edges & 16 ? i32x4(-1, 0, 0, 0) : zero, z1 = edges & 32 ? i32x4(0, 0, 0, -1) : zero;
    let out = (edges & 1) | (edges & 4) ? ones : zero;
    s0 = v128.bitselect(low, s0, v128.or(out, z0));
    s1 = v128.bitselect(low, s1, v128.or(out, z1));
    out = (edges & 1) | (edges & 8) ? ones : zero;
    s2 = v128.bitselect(low, s2, v128.or(out, z0));
    s3 = v128.bitselect(low, s3, v128.or(out, z1));
    out = (edges & 2) | (edges & 4) ? ones : zero;
    s4 = v128.bitselect(low, s4, v128.or(out, z0));
    s5 = v128.bitselect(low, s5, v128.or(out, z1));
    out = (edges & 2) | (edges & 8) ? ones : zero;
    s6 = v128.bitselect(low, s6, v128.or(out, z0));
    s7 = v128.bitselect(low, s7, v128.or(out, z1));
    // Positions in front are zeros, unless all are skipped; those behind are skipped.
    if (b.zeroX | b.zeroY | b.zeroZ) padded = edges & 5 ? ones : z0;
  }
  // The activation does not decrease: the largest sum is the largest value.
  const g1 = f32x4.gt(s1, s0);
  let second = f32x4.pmin(s0, s1), best = f32x4.pmax(s0, s1);
  const g2 = f32x4.gt(s2, best);
  second = f32x4.pmax(second, f32x4.pmin(best, s2)); best = f32x4.pmax(best, s2);
  const g3 = f32x4.gt(s3, best);
  second = f32x4.pmax(second, f32x4.pmin(best, s3)); best = f32x4.pmax(best, s3);
  divide(output, 16, second, best, g1, g2, g3, s4, s5, s6, s7);
  const g4 = f32x4.gt(s4, best);
  second = f32x4.pmax(second, f32x4.pmin(best, s4)); best = f32x4.pmax(best, s4);
  const g5 = f32x4.gt(s5, best);
  second = f32x4.pmax(second, f32x4.pmin(best, s5)); best = f32x4.pmax(best, s5);
  const g6 = f32x4.gt(s6, best);
  second = f32x4.pmax(second, f32x4.pmin(best, s6)); best = f32x4.pmax(best, s6);
  const g7 = f32x4.gt(s7, best);
  second = f32x4.pmax(second, f32x4.pmin(best, s7)); best = f32x4.pmax(best, s7);
  const near = f32x4.le(f32x4.pmin(f32x4.sub(best, second), f32x4.abs(best)), bound);
  // The position is the number of those up to it: of i from 1 on for which there is a g from i on.
  let later = v128.or(g7, g6), id = i32x4.add(g7, later);
  later = v128.or(later, g5); id = i32x4.add(id, later);
  later = v128.or(later, g4); id = i32x4.add(id, later);
  later = v128.or(later, g3); id = i32x4.add(id, later);
  later = v128.or(later, g2); id = i32x4.add(id, later);
  id = i32x4.add(id, v128.or(later, g1));
  const off = f32x4.le(best, zero);
  id = i32x4.sub(i32x4.shl(off, 7), id); // the lowest byte counts: bit 7 and the position
  let value = f32x4.add(f32x4.pmax(f32x4.mul(best, slope), best), zero); // + 0: no -0
  if (edges) {
    const lost = v128.and(off, padded);
    id = v128.or(id, lost);
    value = v128.andnot(value, lost);
  }
  v128.store(output, value);
  id = i16x8.narrow_i32x4_s(id, id);
  v128.store_lane<u32>(b.codes + at, i8x16.narrow_i16x8_s(id, id), 0);
  if (i32x4.bitmask(near)) decideNear(b, c, px, py, pz, slope, bound, best, second, edges, source, isTile, notes, sums);
}

/** Decides four cells in float64 where float32 cannot. `best` and `second`: the largest two sums of their windows. */
function decideNear(
  b: Block, c: i32, px: i32, py: i32, pz: i32, slope: v128, bound: v128, best: v128, second: v128,
  edges: i32, source: usize, isTile: bool, notes: usize, sums: usize,
): void {
  const tied = f32x4.eq(second, best), isSmall = f32x4.le(f32x4.abs(best), bound);
  let near = v128.or(f32x4.le(f32x4.sub(best, second), bound), isSmall);
  // Far below 0, only a slope makes a difference.
  near = v128.and(near, v128.or(f32x4.ge(best, f32x4.neg(bound)), f32x4.ne(slope, f32x4.splat(0))));
  // The sign of a sum that is exactly 0 is known where its summands are all 0.
  const lanes = i32x4.bitmask(near), ties = i32x4.bitmask(v128.and(tied, v128.or(v128.not(isSmall), f32x4.eq(best, f32x4.splat(0)))));
  let left = lanes & ~ties;
  if (lanes & ties) {
    // Sums of positions that read the same values are exactly equal: the first one counts, unless one of the others is near.
    if (!load<u64>(notes) && areConstant(b, px, py, pz)) store<u64>(notes, 0x01ff01ff01ff01ff);
    let open = 0;
    for (let l = 0; l < 4; l++) {
      if (!((lanes & ties) >> l & 1)) continue;
      const note = notes + <usize>(l << 1);
      if (!load<u16>(note)) store<u16>(note, <u16>(256 | constantPositions(b, px, py, pz + l)));
      const same = <i32>load<u16>(note) & 255;
      if (same != 255) {
        if (same) open |= 1 << l;
        else left |= 1 << l;
      }
    }
    if (open) {
      const bias = v128.load_splat<f32>(b.bias + (<usize>c << 2));
      if (isTile) sumsOfTile(source, bias, sums);
      else sumsOfWindow(source, bias, sums);
      if (edges) {
        for (let l = 0; l < 4; l++) {
          const same = <i32>load<u16>(notes + <usize>(l << 1)) & 255;
          if ((open >> l) & 1 && isAnyNear(b, px, py, pz + l, same, sums + <usize>(l << 2), f32.load(b.bounds + (<usize>c << 2)))) left |= 1 << l;
        }
      } else {
        const low = f32x4.splat(-f32.MAX_VALUE), all = i32x4.extend_low_i16x8_u(v128.load64_zero(notes));
        let other = low;
        for (let id = 0, p = sums; id < 8; id++, p += 16) {
          other = f32x4.pmax(other, v128.bitselect(low, v128.load(p), i32x4.shr_s(i32x4.shl(all, 31 - id), 31)));
        }
        left |= open & i32x4.bitmask(f32x4.le(f32x4.sub(best, other), bound));
      }
    }
  }
  for (let l = 0; l < 4; l++) if ((left >> l) & 1) decideCell(b, c, px, py, pz + l);
}

/** Is the sum of a position that is none of `same` near to the largest? `sums`: of a cell, 16 bytes from one to the next. */
function isAnyNear(b: Block, px: i32, py: i32, pz: i32, same: i32, sums: usize, bound: f32): bool {
  let largest = -f32.MAX_VALUE, other = largest;
  for (let id = 0; id < 8; id++, sums += 16) {
    const x = 2 * px + (id >> 2) - b.beforeX, y = 2 * py + ((id >> 1) & 1) - b.beforeY, z = 2 * pz + (id & 1) - b.beforeZ;
    if (<u32>x >= <u32>b.convX || <u32>y >= <u32>b.convY || <u32>z >= <u32>b.convZ) continue;
    const sum = f32.load(sums);
    largest = max(largest, sum);
    if (!((same >> id) & 1)) other = max(other, sum);
  }
  return largest - other <= bound;
}
