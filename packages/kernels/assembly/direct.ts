/** Activation and max-pooling behind a direct convolution of finite values, four at a time. */
import { Block } from "./block";
import { NEGATIVE, NOTHING } from "./convolve64";
import { decideMaximum, decideValue } from "./decide";
import { allZero } from "./taps";

/** The bytes of four codes. */
// @ts-ignore: decorator
@inline
function storeCodes(at: usize, codes: v128): void {
  v128.store_lane<u32>(at, v128.shuffle<i8>(codes, codes, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12), 0);
}

/**
 * Applies the activation to plane x of the convolution, and writes values and codes to the output. `list`: the places that the plane read
 * in `slots`. Sums near 0 are decided in float64, unless all values that they read are 0: these sums are exact.
 */
export function activateDirect(b: Block, x: i32, slots: usize, list: usize, plane: usize): void {
  const count = b.channels * b.kernelX * b.kernelY * b.kernelZ, row = b.line * <usize>b.strideZ * <usize>b.strideY;
  const zero = f32x4.splat(0), last = b.convZ - 4;
  for (let c = 0; c < b.outputs; c++) {
    const slope = v128.load_splat<f32>(b.slopes + (<usize>c << 2)), isLinear = f32.load(b.slopes + (<usize>c << 2)) == 1;
    const bound = isLinear ? f32x4.splat(-1) : v128.load_splat<f32>(b.bounds + (<usize>c << 2));
    for (let y = 0; y < b.convY; y++) {
      const sums = plane + <usize>(c * b.convY + y) * b.convLine;
      const at = <usize>((c * b.convX + x) * b.convY + y) * <usize>b.convZ;
      for (let z = 0; ; ) {
        const p = sums + (<usize>z << 2);
        let s = v128.load(p);
        const near = f32x4.le(f32x4.abs(s), bound);
        if (v128.any_true(near) && !allZero(list, count, slots + <usize>y * row + (<usize>z << 2))) {
          const lanes = i32x4.bitmask(near);
          for (let l = 0; l < 4; l++) if ((lanes >> l) & 1) f32.store(p + (<usize>l << 2), decideValue(b, c, x, y, z + l));
          s = v128.load(p);
        }
        const off = f32x4.le(s, zero);
        v128.store(b.output + (at + <usize>z << 2), f32x4.add(v128.bitselect(f32x4.mul(s, slope), s, off), zero));
        storeCodes(b.codes + at + <usize>z, v128.and(off, i32x4.splat(NEGATIVE)));
        if (z == last) break;
        z = min(z + 4, last); // the last four overlap those before
      }
    }
  }
}

/** Four values in steps of 1, 2 or more. */
// @ts-ignore: decorator
@inline
function gather(p: usize, step: i32): v128 {
  if (step == 1) return v128.load(p);
  if (step == 2) return v128.shuffle<f32>(v128.load(p), v128.load(p, 16), 0, 2, 4, 6);
  const s = <usize>step << 2;
  let v = v128.load32_zero(p);
  v = v128.load_lane<u32>(p + s, v, 1);
  v = v128.load_lane<u32>(p + s * 2, v, 2);
  return v128.load_lane<u32>(p + s * 3, v, 3);
}

/** The first of the windows along z that have all their positions, and the end of them. */
// @ts-ignore: decorator
@inline
export function firstWhole(b: Block): i32 {
  return min((b.beforeZ + b.stepZ - 1) / b.stepZ, b.outZ);
}
// @ts-ignore: decorator
@inline
export function endWhole(b: Block): i32 {
  const most = b.convZ + b.beforeZ - b.windowZ;
  return most < 0 ? 0 : min(most / b.stepZ + 1, b.outZ);
}

/**
 * Activation and maximum of four windows from pz on, whole along z. What they lack along x and y is skipped, or zeros in front. Slopes are
 * from 0 to 1, so that the largest sum is the largest value. `ring`: planes of the convolution; the windows' first is at `slot`.
 */
export function poolFour(b: Block, c: i32, px: i32, py: i32, pz: i32, ring: usize, slot: i32, plane: usize): void {
  const x = px * b.stepX - b.beforeX, y = py * b.stepY - b.beforeY, channel = <usize>c << 2;
  const i0 = max(0, -x), i1 = min(b.windowX, b.convX - x), j0 = max(0, -y), j1 = min(b.windowY, b.convY - y);
  const end = ring + <usize>b.windowX * plane;
  const start = <usize>(c * b.convY + y + j0) * b.convLine + (<usize>(pz * b.stepZ - b.beforeZ) << 2);
  const place = slot + i0;
  let sums = ring + <usize>(place < b.windowX ? place : place - b.windowX) * plane;
  const zero = f32x4.splat(0);
  let best = f32x4.splat(-f32.MAX_VALUE), second = best, least = f32x4.splat(f32.MAX_VALUE), id = zero;
  for (let i = i0; i < i1; i++, sums += plane) {
    if (sums >= end) sums = ring;
    let row = sums + start, first = (i * b.windowY + j0) * b.windowZ;
    for (let j = j0; j < j1; j++, row += b.convLine, first += b.windowZ) {
      let p = row;
      for (let n = first; n < first + b.windowZ; n++, p += 4) {
        const v = gather(p, b.stepZ);
        id = v128.bitselect(i32x4.splat(n), id, f32x4.gt(v, best));
        second = f32x4.pmax(second, f32x4.pmin(best, v));
        best = f32x4.pmax(best, v);
        least = f32x4.pmin(least, v);
      }
    }
  }
  const bound = v128.load_splat<f32>(b.bounds + channel), slope = v128.load_splat<f32>(b.slopes + channel);
  let near = v128.or(f32x4.le(f32x4.sub(best, second), bound), f32x4.le(f32x4.abs(best), bound));
  // Far below 0, only a slope makes a difference; ties of neighbourhoods that are constant as the image's corner are exact.
  near = v128.and(near, v128.or(f32x4.ge(best, f32x4.neg(bound)), f32x4.ne(slope, zero)));
  const background = v128.load_splat<f32>(b.backgrounds + channel);
  near = v128.andnot(near, v128.and(f32x4.eq(least, best), f32x4.eq(best, background)));
  const off = f32x4.le(best, zero);
  best = f32x4.add(v128.bitselect(f32x4.mul(best, slope), best, off), zero);
  id = v128.or(id, v128.and(off, i32x4.splat(NEGATIVE)));
  if ((i0 > 0 && b.zeroX > 0) || (j0 > 0 && b.zeroY > 0)) {
    id = v128.or(id, v128.and(off, i32x4.splat(NOTHING)));
    best = v128.andnot(best, off);
  }
  const at = <usize>((c * b.outX + px) * b.outY + py) * <usize>b.outZ + <usize>pz;
  v128.store(b.output + (at << 2), best);
  storeCodes(b.codes + at, id);
  if (v128.any_true(near)) {
    const lanes = i32x4.bitmask(near);
    for (let l = 0; l < 4; l++) if ((lanes >> l) & 1) decideMaximum(b, c, px, py, pz + l);
  }
}
