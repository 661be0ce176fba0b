/**
 * 3×3×3 convolution, activation and 2×2×2 max-pooling as Winograd F(2,3) (Lavin and Gray 2016): the 2×2×2 window of a cell comes from
 * 4×4×4 values of the input. A vector holds four adjacent cells. Weights are transformed by the host (`src/tables.ts`).
 */
import { Block } from "./block";
import { edgesAlong, edgesOf, poolCells } from "./pool-cells";
import { firstOf, lastOf, repeatCells } from "./repeats";
import { firstPlace, LEAD, secondPlace, startX, startY, startZ } from "./rows";

/**
 * 4×4 values of one plane (four cells along z, of the rows y at p0 to p3), transformed along z and y: stored [z][y], `step` bytes apart.
 * Some values are loaded twice: engines load all that stands in front of a store at once, and have 15 registers.
 */
// @ts-ignore: decorator
@inline
export function transformPlane(p0: usize, p1: usize, p2: usize, p3: usize, line: usize, to: usize, step: usize): void {
  const q0 = p0 + line, q1 = p1 + line, q2 = p2 + line, q3 = p3 + line;
  let a0: v128, a1: v128, a2: v128, a3: v128;
  a0 = f32x4.sub(v128.load(q0 - 4), v128.load(q0)); a1 = f32x4.sub(v128.load(q1 - 4), v128.load(q1));
  a2 = f32x4.sub(v128.load(q2 - 4), v128.load(q2)); a3 = f32x4.sub(v128.load(q3 - 4), v128.load(q3));
  transformColumn(a0, a1, a2, a3, to, step);
  let b0 = v128.load(p0), b1 = v128.load(p1), b2 = v128.load(p2), b3 = v128.load(p3);
  let c0 = v128.load(q0), c1 = v128.load(q1), c2 = v128.load(q2), c3 = v128.load(q3);
  transformColumn(f32x4.add(b0, c0), f32x4.add(b1, c1), f32x4.add(b2, c2), f32x4.add(b3, c3), to + step * 4, step);
  transformColumn(f32x4.sub(c0, b0), f32x4.sub(c1, b1), f32x4.sub(c2, b2), f32x4.sub(c3, b3), to + step * 8, step);
  a0 = f32x4.sub(v128.load(p0), v128.load(p0, 4)); a1 = f32x4.sub(v128.load(p1), v128.load(p1, 4));
  a2 = f32x4.sub(v128.load(p2), v128.load(p2, 4)); a3 = f32x4.sub(v128.load(p3), v128.load(p3, 4));
  transformColumn(a0, a1, a2, a3, to + step * 12, step);
}
// @ts-ignore: decorator
@inline
function transformColumn(d0: v128, d1: v128, d2: v128, d3: v128, to: usize, step: usize): void {
  v128.store(to, f32x4.sub(d0, d2));
  v128.store(to + step, f32x4.add(d1, d2));
  v128.store(to + step * 2, f32x4.sub(d2, d1));
  v128.store(to + step * 3, f32x4.sub(d1, d3));
}

/**
 * From products at the 4×4 transformed positions (z, y), each for the window's two positions x, to the eight sums.
 * `half`: [the sums e0, o0, e1, o1 of `addRow`][z], 64 bytes from one to the next.
 */
// @ts-ignore: decorator
@inline
function sumWindow(
  half: usize, bias: v128, b: Block, c: i32, px: i32, py: i32, pz: i32, edges: i32, slope: v128, bound: v128, notes: usize,
): void {
  let t0: v128, t1: v128, t2: v128, t3: v128;
  t0 = v128.load(half); t1 = v128.load(half, 16); t2 = v128.load(half, 32); t3 = v128.load(half, 48);
  const s0 = f32x4.add(f32x4.add(f32x4.add(bias, t0), t1), t2), s1 = f32x4.sub(f32x4.sub(f32x4.add(bias, t1), t2), t3);
  t0 = v128.load(half, 64); t1 = v128.load(half, 80); t2 = v128.load(half, 96); t3 = v128.load(half, 112);
  const s2 = f32x4.add(f32x4.add(f32x4.add(bias, t0), t1), t2), s3 = f32x4.sub(f32x4.sub(f32x4.add(bias, t1), t2), t3);
  t0 = v128.load(half, 128); t1 = v128.load(half, 144); t2 = v128.load(half, 160); t3 = v128.load(half, 176);
  const s4 = f32x4.add(f32x4.add(f32x4.add(bias, t0), t1), t2), s5 = f32x4.sub(f32x4.sub(f32x4.add(bias, t1), t2), t3);
  t0 = v128.load(half, 192); t1 = v128.load(half, 208); t2 = v128.load(half, 224); t3 = v128.load(half, 240);
  const s6 = f32x4.add(f32x4.add(f32x4.add(bias, t0), t1), t2), s7 = f32x4.sub(f32x4.sub(f32x4.add(bias, t1), t2), t3);
  poolCells(b, c, px, py, pz, edges, slope, bound, s0, s1, s2, s3, s4, s5, s6, s7, half, false, notes, half + SUMS);
}

/** Behind the sums along x and y: those of windows, and notes of cells (`pool-cells.ts`). */
const SUMS: usize = 256;
const NOTES: usize = 384;

/** Channels that are summed before they are added to the sums of those before: errors grow with the number of terms in a row. */
const TERMS: i32 = 8;

/** Four output channels and eight cells: 64 products of a 4×channels and a channels×8 matrix. */
function multiply(values: usize, weights: usize, channels: i32, products: usize): void {
  for (let p = 0; p < 64; p++, products += 128) {
    for (let left = channels; left > 0; left -= TERMS) {
      let a = v128.load(values), b = v128.load(values, 16), w = v128.load_splat<f32>(weights);
      let s0 = f32x4.mul(w, a), q0 = f32x4.mul(w, b);
      w = v128.load_splat<f32>(weights, 4);
      let s1 = f32x4.mul(w, a), q1 = f32x4.mul(w, b);
      w = v128.load_splat<f32>(weights, 8);
      let s2 = f32x4.mul(w, a), q2 = f32x4.mul(w, b);
      w = v128.load_splat<f32>(weights, 12);
      let s3 = f32x4.mul(w, a), q3 = f32x4.mul(w, b);
      values += 32;
      weights += 16;
      for (let i = min(left, TERMS) - 1; i > 0; i--, values += 32, weights += 16) {
        a = v128.load(values); b = v128.load(values, 16);
        w = v128.load_splat<f32>(weights);
        s0 = f32x4.add(s0, f32x4.mul(w, a)); q0 = f32x4.add(q0, f32x4.mul(w, b));
        w = v128.load_splat<f32>(weights, 4);
        s1 = f32x4.add(s1, f32x4.mul(w, a)); q1 = f32x4.add(q1, f32x4.mul(w, b));
        w = v128.load_splat<f32>(weights, 8);
        s2 = f32x4.add(s2, f32x4.mul(w, a)); q2 = f32x4.add(q2, f32x4.mul(w, b));
        w = v128.load_splat<f32>(weights, 12);
        s3 = f32x4.add(s3, f32x4.mul(w, a)); q3 = f32x4.add(q3, f32x4.mul(w, b));
      }
      if (left < channels) {
        s0 = f32x4.add(v128.load(products), s0); q0 = f32x4.add(v128.load(products, 16), q0);
        s1 = f32x4.add(v128.load(products, 32), s1); q1 = f32x4.add(v128.load(products, 48), q1);
        s2 = f32x4.add(v128.load(products, 64), s2); q2 = f32x4.add(v128.load(products, 80), q2);
        s3 = f32x4.add(v128.load(products, 96), s3); q3 = f32x4.add(v128.load(products, 112), q3);
      }
      v128.store(products, s0); v128.store(products, q0, 16);
      v128.store(products, s1, 32); v128.store(products, q1, 48);
      v128.store(products, s2, 64); v128.store(products, q2, 80);
      v128.store(products, s3, 96); v128.store(products, q3, 112);
    }
  }
}

/** From the products of one output channel and four cells to their values. */
function finish(products: usize, half: usize, b: Block, c: i32, px: i32, py: i32, pz: i32, edges: i32, notes: usize): void {
  let m = products, h = half;
  for (let z = 0; z < 4; z++, h += 16, m += 2048) {
    let x0: v128, x1: v128, x2: v128, x3: v128, m0: v128, m1: v128;
    x0 = v128.load(m); x1 = v128.load(m, 128); x2 = v128.load(m, 256); x3 = v128.load(m, 384);
    let e0 = f32x4.add(f32x4.add(x0, x1), x2), e1 = f32x4.sub(f32x4.sub(x1, x2), x3);
    x0 = v128.load(m, 512); x1 = v128.load(m, 640); x2 = v128.load(m, 768); x3 = v128.load(m, 896);
    let o0 = f32x4.add(f32x4.add(x0, x1), x2), o1 = f32x4.sub(f32x4.sub(x1, x2), x3);
    e0 = f32x4.add(e0, o0); e1 = f32x4.add(e1, o1);
    x0 = v128.load(m, 1024); x1 = v128.load(m, 1152); x2 = v128.load(m, 1280); x3 = v128.load(m, 1408);
    m0 = f32x4.add(f32x4.add(x0, x1), x2); m1 = f32x4.sub(f32x4.sub(x1, x2), x3);
    e0 = f32x4.add(e0, m0); e1 = f32x4.add(e1, m1); o0 = f32x4.sub(o0, m0); o1 = f32x4.sub(o1, m1);
    x0 = v128.load(m, 1536); x1 = v128.load(m, 1664); x2 = v128.load(m, 1792); x3 = v128.load(m, 1920);
    m0 = f32x4.add(f32x4.add(x0, x1), x2); m1 = f32x4.sub(f32x4.sub(x1, x2), x3);
    v128.store(h, e0); v128.store(h, f32x4.sub(o0, m0), 64);
    v128.store(h, e1, 128); v128.store(h, f32x4.sub(o1, m1), 192);
  }
  const channel = <usize>c << 2;
  const bias = v128.load_splat<f32>(b.bias + channel), slope = v128.load_splat<f32>(b.slopes + channel);
  sumWindow(half, bias, b, c, px, py, pz, edges, slope, v128.load_splat<f32>(b.bounds + channel), notes);
}

/**
 * One row of four planes, transformed along x: to four rows, `step` bytes apart, each as its even and its odd half, `line` bytes apart.
 * `first`: the position, -1 to 1, of the first of `count` values.
 */
function combineRows(p: usize, q: usize, r: usize, s: usize, count: i32, first: i32, to: usize, step: usize, line: usize): void {
  let a = firstPlace(to, to + line, first), b = secondPlace(to, to + line, first), z = 0;
  for (; z + 8 <= count; z += 8, p += 32, q += 32, r += 32, s += 32, a += 16, b += 16) {
    const p0 = v128.load(p), p1 = v128.load(p, 16), q0 = v128.load(q), q1 = v128.load(q, 16);
    const r0 = v128.load(r), r1 = v128.load(r, 16), s0 = v128.load(s), s1 = v128.load(s, 16);
    const pe = v128.shuffle<f32>(p0, p1, 0, 2, 4, 6), qe = v128.shuffle<f32>(q0, q1, 0, 2, 4, 6);
    const re = v128.shuffle<f32>(r0, r1, 0, 2, 4, 6), se = v128.shuffle<f32>(s0, s1, 0, 2, 4, 6);
    v128.store(a, f32x4.sub(pe, re));
    v128.store(a + step, f32x4.add(qe, re));
    v128.store(a + step * 2, f32x4.sub(re, qe));
    v128.store(a + step * 3, f32x4.sub(qe, se));
    const po = v128.shuffle<f32>(p0, p1, 1, 3, 5, 7), qo = v128.shuffle<f32>(q0, q1, 1, 3, 5, 7);
    const ro = v128.shuffle<f32>(r0, r1, 1, 3, 5, 7), so = v128.shuffle<f32>(s0, s1, 1, 3, 5, 7);
    v128.store(b, f32x4.sub(po, ro));
    v128.store(b + step, f32x4.add(qo, ro));
    v128.store(b + step * 2, f32x4.sub(ro, qo));
    v128.store(b + step * 3, f32x4.sub(qo, so));
  }
  for (; z < count; z++, p += 4, q += 4, r += 4, s += 4) {
    const u = f32.load(q), v = f32.load(r);
    f32.store(a, f32.load(p) - v);
    f32.store(a + step, u + v);
    f32.store(a + step * 2, v - u);
    f32.store(a + step * 3, u - f32.load(s));
    const even = a + 4;
    a = b;
    b = even;
  }
}

/** Row v of the four planes that the windows of plane px read, of all channels: [channel][x of 4], `step` bytes apart. */
function loadRows(b: Block, px: i32, v: i32, to: usize, step: usize, zeros: usize): void {
  const y = v - startY(b), x = 2 * px - 1 - startX(b), plane = <usize>(b.y * b.z) << 2;
  for (let c = 0; c < b.channels; c++, to += step * 4) {
    if (y < 0 || y >= b.y) {
      for (let i: usize = 0; i < 4; i++) memory.fill(to + i * step, 0, b.line * 2);
      continue;
    }
    const p = b.input + <usize>(c * b.x + x) * plane + (<usize>(y * b.z) << 2);
    combineRows(
      x < 0 ? zeros : p,
      x + 1 < 0 || x + 1 >= b.x ? zeros : p + plane,
      x + 2 >= b.x ? zeros : p + plane * 2,
      x + 3 >= b.x ? zeros : p + plane * 3,
      b.z, startZ(b), to + LEAD, step, b.line,
    );
  }
}

/**
 * Any number of input channels: transformed along x, y and z, eight cells at a time, or four to seven where a row has no more. Along x first,
 * row by row: what two cells share is done once. Scratch: a row of zeros, four rows of each channel, 2 kB per channel of transformed values, 8 kB of products, 1 kB between.
 */
export function winogradMany(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), line = b.line, row = line * 2, count = b.outZ, channels = b.channels, step = <usize>channels << 5;
  const all = <usize>(4 * channels) * row, rows = scratch + row;
  const values = rows + all * 4, products = values + step * 64, half = products + 8192;
  const second = min(4, count - 4), apart = <usize>second << 2; // the second four cells may overlap the first
  memory.fill(scratch, 0, row + all * 4);
  for (let px = from; px < to; px++) {
    for (let py = 0, next = -1; py < b.outY; py++) {
      const cells = repeatCells(b, px, py), last = lastOf(cells);
      if (firstOf(cells) >= last) continue;
      for (next = max(next, 2 * py - 1); next <= 2 * py + 2; next++) loadRows(b, px, next, rows + <usize>(next & 3) * all, row, scratch);
      const along = edgesOf(b, px, py), p = rows + LEAD;
      const r0 = p + <usize>((2 * py - 1) & 3) * all, r1 = p + <usize>((2 * py) & 3) * all;
      const r2 = p + <usize>((2 * py + 1) & 3) * all, r3 = p + <usize>((2 * py + 2) & 3) * all;
      for (let k = max(min(firstOf(cells), count - 8), 0); ; ) {
        for (let c = 0, at = <usize>k << 2, v = values; c < channels; c++, v += 32) {
          // The transformed value (z, y, x) is the (16 z + 4 y + x)th.
          for (let i: usize = 0, w = v; i < 4; i++, at += row, w += step) {
            transformPlane(r0 + at, r1 + at, r2 + at, r3 + at, line, w, step * 4);
            transformPlane(r0 + at + apart, r1 + at + apart, r2 + at + apart, r3 + at + apart, line, w + 16, step * 4);
          }
        }
        memory.fill(half + NOTES, 0, 16);
        for (let c = 0; c < b.outputs; c += 4) {
          multiply(values, b.weights + <usize>(c * channels << 8), channels, products);
          const most = min(4, b.outputs - c);
          for (let d = 0; d < most; d++) {
            const m = products + (<usize>d << 5);
            finish(m, half, b, c + d, px, py, k, edgesAlong(b, along, k, 4), half + NOTES);
            finish(m + 16, half, b, c + d, px, py, k + second, edgesAlong(b, along, k + second, 4), half + NOTES + 8);
          }
        }
        if (k + 8 >= last) break;
        k = min(k + 8, count - 8);
      }
    }
  }
}
