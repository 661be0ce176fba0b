/**
 * One input channel: 3×3×3 convolution, activation and 2×2×2 max-pooling; Winograd's transform along y and z, three taps along x.
 * Weights are transformed by the host (`src/tables.ts`).
 */
import { Block } from "./block";
import { divide } from "./divide";
import { edgesAlong, edgesOf, poolCells } from "./pool-cells";
import { firstOf, lastOf, repeatCells } from "./repeats";
import { LEAD, loadPlane } from "./rows";
import { STEP } from "./window-sums";
import { transformPlane } from "./winograd";

/** Groups of four cells that one pass computes; where the products are; behind them notes of the cells, and sums of four (`pool-cells.ts`). */
const TILE: i32 = 12;
const PRODUCTS: usize = 16 * STEP;
const NOTES: usize = 2 * PRODUCTS;
const SUMS: usize = NOTES + 128;

/**
 * Two output channels: products at the 16 transformed positions (z, y), three taps along x, for the two positions x of the window.
 * Weights stay in registers. `values`: [position][group][x of 4]; products: [position][group][channel][x of 2], `PRODUCTS` behind them.
 */
function multiplyTaps(values: usize, groups: i32, u: usize, v: usize): void {
  for (let position = 0; position < 16; position++, values += STEP, u += 48, v += 48) {
    const u0 = v128.load(u), u1 = v128.load(u, 16), u2 = v128.load(u, 32);
    const v0 = v128.load(v), v1 = v128.load(v, 16), v2 = v128.load(v, 32);
    const end = values + (<usize>groups << 6);
    for (let p = values; p < end; p += 64) {
      const t0 = v128.load(p), t1 = v128.load(p, 16), t2 = v128.load(p, 32), t3 = v128.load(p, 48);
      v128.store(p, f32x4.add(f32x4.add(f32x4.mul(u0, t0), f32x4.mul(u1, t1)), f32x4.mul(u2, t2)), PRODUCTS);
      v128.store(p, f32x4.add(f32x4.add(f32x4.mul(u0, t1), f32x4.mul(u1, t2)), f32x4.mul(u2, t3)), PRODUCTS + 16);
      v128.store(p, f32x4.add(f32x4.add(f32x4.mul(v0, t0), f32x4.mul(v1, t1)), f32x4.mul(v2, t2)), PRODUCTS + 32);
      v128.store(p, f32x4.add(f32x4.add(f32x4.mul(v0, t1), f32x4.mul(v1, t2)), f32x4.mul(v2, t3)), PRODUCTS + 48);
    }
  }
}

/** From the products of one channel to the values of a tile. */
function finishTile(m: usize, groups: i32, b: Block, c: i32, px: i32, py: i32, first: i32, along: i32, values: usize): void {
  const channel = <usize>c << 2, end = m + (<usize>groups << 6), last = b.outZ - 4;
  const bias = v128.load_splat<f32>(b.bias + channel), slope = v128.load_splat<f32>(b.slopes + channel);
  const bound = v128.load_splat<f32>(b.bounds + channel);
  for (let k = first, notes = values + NOTES; m < end; m += 64, k += 4, notes += 8) {
    k = min(k, last); // the last four cells overlap those before
    let m0: v128, m1: v128, m2: v128, m3: v128;
    m0 = v128.load(m); m1 = v128.load(m, STEP); m2 = v128.load(m, STEP * 2); m3 = v128.load(m, STEP * 3);
    let e = f32x4.add(f32x4.add(m0, m1), m2), o = f32x4.sub(f32x4.sub(m1, m2), m3);
    let s0 = f32x4.add(bias, e), s2 = f32x4.add(bias, o);
    divide(m, 0, s0, s2);
    m0 = v128.load(m, STEP * 4); m1 = v128.load(m, STEP * 5); m2 = v128.load(m, STEP * 6); m3 = v128.load(m, STEP * 7);
    e = f32x4.add(f32x4.add(m0, m1), m2); o = f32x4.sub(f32x4.sub(m1, m2), m3);
    s0 = f32x4.add(s0, e); s2 = f32x4.add(s2, o);
    let s1 = f32x4.add(bias, e), s3 = f32x4.add(bias, o);
    divide(m, 1, s0, s1, s2, s3);
    m0 = v128.load(m, STEP * 8); m1 = v128.load(m, STEP * 9); m2 = v128.load(m, STEP * 10); m3 = v128.load(m, STEP * 11);
    e = f32x4.add(f32x4.add(m0, m1), m2); o = f32x4.sub(f32x4.sub(m1, m2), m3);
    s0 = f32x4.add(s0, e); s1 = f32x4.sub(s1, e); s2 = f32x4.add(s2, o); s3 = f32x4.sub(s3, o);
    divide(m, 2, s0, s1, s2, s3);
    m0 = v128.load(m, STEP * 12); m1 = v128.load(m, STEP * 13); m2 = v128.load(m, STEP * 14); m3 = v128.load(m, STEP * 15);
    e = f32x4.add(f32x4.add(m0, m1), m2); o = f32x4.sub(f32x4.sub(m1, m2), m3);
    s1 = f32x4.sub(s1, e); s3 = f32x4.sub(s3, o);
    divide(m, 3, s0, s1, s2, s3);
    m0 = v128.load(m, 16); m1 = v128.load(m, STEP + 16); m2 = v128.load(m, STEP * 2 + 16); m3 = v128.load(m, STEP * 3 + 16);
    e = f32x4.add(f32x4.add(m0, m1), m2); o = f32x4.sub(f32x4.sub(m1, m2), m3);
    let s4 = f32x4.add(bias, e), s6 = f32x4.add(bias, o);
    divide(m, 4, s0, s1, s2, s3, s4, s6);
    m0 = v128.load(m, STEP * 4 + 16); m1 = v128.load(m, STEP * 5 + 16); m2 = v128.load(m, STEP * 6 + 16); m3 = v128.load(m, STEP * 7 + 16);
    e = f32x4.add(f32x4.add(m0, m1), m2); o = f32x4.sub(f32x4.sub(m1, m2), m3);
    s4 = f32x4.add(s4, e); s6 = f32x4.add(s6, o);
    let s5 = f32x4.add(bias, e), s7 = f32x4.add(bias, o);
    divide(m, 5, s0, s1, s2, s3, s4, s5, s6, s7);
    m0 = v128.load(m, STEP * 8 + 16); m1 = v128.load(m, STEP * 9 + 16); m2 = v128.load(m, STEP * 10 + 16); m3 = v128.load(m, STEP * 11 + 16);
    e = f32x4.add(f32x4.add(m0, m1), m2); o = f32x4.sub(f32x4.sub(m1, m2), m3);
    s4 = f32x4.add(s4, e); s5 = f32x4.sub(s5, e); s6 = f32x4.add(s6, o); s7 = f32x4.sub(s7, o);
    divide(m, 6, s0, s1, s2, s3, s4, s5, s6, s7);
    m0 = v128.load(m, STEP * 12 + 16); m1 = v128.load(m, STEP * 13 + 16); m2 = v128.load(m, STEP * 14 + 16); m3 = v128.load(m, STEP * 15 + 16);
    e = f32x4.add(f32x4.add(m0, m1), m2); o = f32x4.sub(f32x4.sub(m1, m2), m3);
    s5 = f32x4.sub(s5, e); s7 = f32x4.sub(s7, o);
    divide(m, 7, s0, s1, s2, s3, s4, s5, s6, s7);
    const edges = edgesAlong(b, along, k, 4);
    poolCells(b, c, px, py, k, edges, slope, bound, s0, s1, s2, s3, s4, s5, s6, s7, m, true, notes, values + SUMS);
  }
}

// @ts-ignore: decorator
@inline
function transformRows(p: usize, row: usize, line: usize, to: usize): void {
  transformPlane(p, p + row, p + row * 2, p + row * 3, line, to, STEP);
}

/** Scratch: four planes, then the values and products of a tile, notes and sums. */
export function winogradOne(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), line = b.line, row = line * 2, count = b.outZ;
  const plane = <usize>(2 * b.outY + 2) * row, values = scratch + plane * 4;
  memory.fill(scratch, 0, plane * 4);
  let next = 2 * from - 1;
  for (let px = from; px < to; px++) {
    for (; next <= 2 * px + 2; next++) loadPlane(b, 0, next, scratch + <usize>(next & 3) * plane);
    for (let py = 0; py < b.outY; py++) {
      const cells = repeatCells(b, px, py), last = lastOf(cells), along = edgesOf(b, px, py);
      const rows = scratch + <usize>(2 * py) * row + LEAD;
      const r0 = rows + <usize>((2 * px - 1) & 3) * plane, r1 = rows + <usize>((2 * px) & 3) * plane;
      const r2 = rows + <usize>((2 * px + 1) & 3) * plane, r3 = rows + <usize>((2 * px + 2) & 3) * plane;
      for (let first = firstOf(cells); first < last; first += 4 * TILE) {
        const groups = min(TILE, (last - first + 3) >> 2);
        for (let g = 0, t = values; g < groups; g++, t += 64) {
          const k = <usize>min(first + 4 * g, count - 4) << 2;
          transformRows(r0 + k, row, line, t);
          transformRows(r1 + k, row, line, t + 16);
          transformRows(r2 + k, row, line, t + 32);
          transformRows(r3 + k, row, line, t + 48);
        }
        memory.fill(values + NOTES, 0, 8 * TILE);
        for (let c = 0; c < b.outputs; c += 2) {
          const isPair = c + 1 < b.outputs, u = b.weights + <usize>c * 768;
          multiplyTaps(values, groups, u, isPair ? u + 768 : u);
          finishTile(values + PRODUCTS, groups, b, c, px, py, first, along, values);
          if (isPair) finishTile(values + PRODUCTS + 32, groups, b, c + 1, px, py, first, along, values);
        }
      }
    }
  }
}
