/** Activation and 2×2×2 max-pooling of four cells that lie beside each other in a row. */
import { Block } from "./block";
import { decideMaximum, isConstant } from "./decide";

// Bits of `edges`: position 0 or 1 of the window lies outside along x (1, 2), along y (4, 8), along z in the first (16) or last (32) lane.
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

/** s0 to s7: the convolution at the eight positions of the cells' windows, in scan order. */
// @ts-ignore: decorator
@inline
export function poolCells(
  b: Block, c: i32, px: i32, py: i32, pz: i32, edges: i32, slope: v128, exact: bool,
  s0: v128, s1: v128, s2: v128, s3: v128, s4: v128, s5: v128, s6: v128, s7: v128,
): void {
  const zero = i32x4.splat(0);
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
    padded = edges & 5 ? ones : z0; // positions in front are zeros, those behind are skipped
  }
  // The activation does not decrease: the largest sum is the largest value.
  let best = s0, id = zero;
  id = v128.and(f32x4.gt(s1, best), i32x4.splat(1)); best = f32x4.pmax(best, s1);
  id = i32x4.max_s(id, v128.and(f32x4.gt(s2, best), i32x4.splat(2))); best = f32x4.pmax(best, s2);
  id = i32x4.max_s(id, v128.and(f32x4.gt(s3, best), i32x4.splat(3))); best = f32x4.pmax(best, s3);
  id = i32x4.max_s(id, v128.and(f32x4.gt(s4, best), i32x4.splat(4))); best = f32x4.pmax(best, s4);
  id = i32x4.max_s(id, v128.and(f32x4.gt(s5, best), i32x4.splat(5))); best = f32x4.pmax(best, s5);
  id = i32x4.max_s(id, v128.and(f32x4.gt(s6, best), i32x4.splat(6))); best = f32x4.pmax(best, s6);
  id = i32x4.max_s(id, v128.and(f32x4.gt(s7, best), i32x4.splat(7))); best = f32x4.pmax(best, s7);
  let near = zero, tied = zero;
  if (exact) {
    let second = f32x4.pmin(s0, s1), top = f32x4.pmax(s0, s1);
    second = f32x4.pmax(second, f32x4.pmin(top, s2)); top = f32x4.pmax(top, s2);
    second = f32x4.pmax(second, f32x4.pmin(top, s3)); top = f32x4.pmax(top, s3);
    second = f32x4.pmax(second, f32x4.pmin(top, s4)); top = f32x4.pmax(top, s4);
    second = f32x4.pmax(second, f32x4.pmin(top, s5)); top = f32x4.pmax(top, s5);
    second = f32x4.pmax(second, f32x4.pmin(top, s6)); top = f32x4.pmax(top, s6);
    second = f32x4.pmax(second, f32x4.pmin(top, s7));
    const channel = <usize>c << 2;
    const bound = v128.load_splat<f32>(b.bounds + channel), background = v128.load_splat<f32>(b.backgrounds + channel);
    near = v128.or(f32x4.le(f32x4.sub(best, second), bound), f32x4.le(f32x4.abs(best), bound));
    // Far below 0, only a slope makes a difference.
    near = v128.and(near, v128.or(f32x4.ge(best, f32x4.neg(bound)), f32x4.ne(slope, f32x4.splat(0))));
    tied = f32x4.eq(second, best);
    near = v128.andnot(near, v128.and(tied, f32x4.eq(best, background)));
  }
  const off = f32x4.le(best, f32x4.splat(0));
  best = f32x4.add(f32x4.pmax(f32x4.mul(best, slope), best), f32x4.splat(0)); // + 0: no -0
  id = v128.or(id, v128.and(off, i32x4.splat(128)));
  if (edges) {
    const lost = v128.and(off, padded);
    id = v128.or(id, v128.and(lost, i32x4.splat(255)));
    best = v128.andnot(best, lost);
  }
  const at = <usize>((c * b.outX + px) * b.outY + py) * <usize>b.outZ + <usize>pz;
  v128.store(b.output + (at << 2), best);
  v128.store_lane<u32>(b.codes + at, v128.shuffle<i8>(id, id, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12), 0);
  if (exact) {
    if (v128.any_true(near)) {
      const lanes = i32x4.bitmask(near);
      const ties = i32x4.bitmask(tied);
      for (let l = 0; l < 4; l++) {
        if ((lanes >> l) & 1 && !((ties >> l) & 1 && isConstant(b, px, py, pz + l))) decideMaximum(b, c, px, py, pz + l);
      }
    }
  }
}
