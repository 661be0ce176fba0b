/**
 * 3×3×3 convolution, activation and 2×2×2 max-pooling as Winograd F(2,3) (Lavin and Gray 2016): the 2×2×2 window of a cell comes from
 * 4×4×4 values of the input. Four cells lie beside each other in a vector. Weights are transformed by the host (`src/tables.ts`).
 */
import { Block } from "./block";
import { edgesAlong, edgesOf, poolCells } from "./pool-cells";
import { LEAD, loadPlane } from "./rows";

/** 4×4 values of one plane (rows y from p on, four cells along z), transformed along z and y: stored [z][y], `step` bytes apart. */
// @ts-ignore: decorator
@inline
function transformPlane(p: usize, line: usize, to: usize, step: usize): void {
  let a0: v128, a1: v128, a2: v128, a3: v128;
  const row = line * 2;
  let q = p + line;
  a0 = v128.load(q - 4); a1 = v128.load(p); a2 = v128.load(q); a3 = v128.load(p, 4);
  const d00 = f32x4.sub(a0, a2), d01 = f32x4.add(a1, a2), d02 = f32x4.sub(a2, a1), d03 = f32x4.sub(a1, a3);
  p += row; q += row;
  a0 = v128.load(q - 4); a1 = v128.load(p); a2 = v128.load(q); a3 = v128.load(p, 4);
  const d10 = f32x4.sub(a0, a2), d11 = f32x4.add(a1, a2), d12 = f32x4.sub(a2, a1), d13 = f32x4.sub(a1, a3);
  p += row; q += row;
  a0 = v128.load(q - 4); a1 = v128.load(p); a2 = v128.load(q); a3 = v128.load(p, 4);
  const d20 = f32x4.sub(a0, a2), d21 = f32x4.add(a1, a2), d22 = f32x4.sub(a2, a1), d23 = f32x4.sub(a1, a3);
  p += row; q += row;
  a0 = v128.load(q - 4); a1 = v128.load(p); a2 = v128.load(q); a3 = v128.load(p, 4);
  const d30 = f32x4.sub(a0, a2), d31 = f32x4.add(a1, a2), d32 = f32x4.sub(a2, a1), d33 = f32x4.sub(a1, a3);
  transformColumn(d00, d10, d20, d30, to, step);
  transformColumn(d01, d11, d21, d31, to + step * 4, step);
  transformColumn(d02, d12, d22, d32, to + step * 8, step);
  transformColumn(d03, d13, d23, d33, to + step * 12, step);
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
  half: usize, bias: v128, b: Block, c: i32, px: i32, py: i32, pz: i32, edges: i32, slope: v128, exact: bool,
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
  poolCells(b, c, px, py, pz, edges, slope, exact, s0, s1, s2, s3, s4, s5, s6, s7);
}

/** One input channel: transformed along y and z, three taps along x. Scratch: four planes, then the transformed values of a row. */
// @ts-ignore: decorator
@inline
function oneChannel(at: usize, scratch: usize, from: i32, to: i32, exact: bool): void {
  const b = changetype<Block>(at), line = b.line, row = line * 2, count = b.outZ;
  const plane = <usize>(2 * b.outY + 2) * row, values = scratch + plane * 4;
  const half = values + (<usize>((count + 3) >> 2) << 10);
  memory.fill(scratch, 0, plane * 4);
  let next = 2 * from - 1;
  for (let px = from; px < to; px++) {
    for (; next <= 2 * px + 2; next++) loadPlane(b, 0, next, scratch + <usize>(next & 3) * plane);
    for (let py = 0; py < b.outY; py++) {
      for (let i = 0; i < 4; i++) {
        const r = scratch + <usize>((2 * px - 1 + i) & 3) * plane + <usize>(2 * py) * row + LEAD;
        let t = values + <usize>(i << 4);
        for (let k = 0; ; t += 1024) {
          transformPlane(r + (<usize>k << 2), line, t, 64);
          if (k >= count - 4) break;
          k = min(k + 4, count - 4); // the last four cells overlap those before
        }
      }
      const along = edgesOf(b, px, py);
      for (let c = 0; c < b.outputs; c++) {
        const weights = b.weights + <usize>c * 768, bias = v128.load_splat<f32>(b.bias + (<usize>c << 2));
        const slope = v128.load_splat<f32>(b.slopes + (<usize>c << 2));
        let t = values;
        for (let k = 0; ; t += 1024) {
          let w = weights, u = t, h = half;
          // One z after the other: fewer values at once than the processor has registers.
          for (let z = 0; z < 4; z++, u += 256, w += 192, h += 16) {
            let t0: v128, t1: v128, t2: v128, t3: v128, w0: v128, w1: v128, w2: v128, m0: v128, m1: v128;
            t0 = v128.load(u); t1 = v128.load(u, 16); t2 = v128.load(u, 32); t3 = v128.load(u, 48);
            w0 = v128.load(w); w1 = v128.load(w, 16); w2 = v128.load(w, 32);
            let e0 = f32x4.add(f32x4.add(f32x4.mul(w0, t0), f32x4.mul(w1, t1)), f32x4.mul(w2, t2));
            let e1 = f32x4.add(f32x4.add(f32x4.mul(w0, t1), f32x4.mul(w1, t2)), f32x4.mul(w2, t3));
            t0 = v128.load(u, 64); t1 = v128.load(u, 80); t2 = v128.load(u, 96); t3 = v128.load(u, 112);
            w0 = v128.load(w, 48); w1 = v128.load(w, 64); w2 = v128.load(w, 80);
            let o0 = f32x4.add(f32x4.add(f32x4.mul(w0, t0), f32x4.mul(w1, t1)), f32x4.mul(w2, t2));
            let o1 = f32x4.add(f32x4.add(f32x4.mul(w0, t1), f32x4.mul(w1, t2)), f32x4.mul(w2, t3));
            e0 = f32x4.add(e0, o0); e1 = f32x4.add(e1, o1);
            t0 = v128.load(u, 128); t1 = v128.load(u, 144); t2 = v128.load(u, 160); t3 = v128.load(u, 176);
            w0 = v128.load(w, 96); w1 = v128.load(w, 112); w2 = v128.load(w, 128);
            m0 = f32x4.add(f32x4.add(f32x4.mul(w0, t0), f32x4.mul(w1, t1)), f32x4.mul(w2, t2));
            m1 = f32x4.add(f32x4.add(f32x4.mul(w0, t1), f32x4.mul(w1, t2)), f32x4.mul(w2, t3));
            e0 = f32x4.add(e0, m0); e1 = f32x4.add(e1, m1); o0 = f32x4.sub(o0, m0); o1 = f32x4.sub(o1, m1);
            t0 = v128.load(u, 192); t1 = v128.load(u, 208); t2 = v128.load(u, 224); t3 = v128.load(u, 240);
            w0 = v128.load(w, 144); w1 = v128.load(w, 160); w2 = v128.load(w, 176);
            m0 = f32x4.add(f32x4.add(f32x4.mul(w0, t0), f32x4.mul(w1, t1)), f32x4.mul(w2, t2));
            m1 = f32x4.add(f32x4.add(f32x4.mul(w0, t1), f32x4.mul(w1, t2)), f32x4.mul(w2, t3));
            v128.store(h, e0); v128.store(h, f32x4.sub(o0, m0), 64);
            v128.store(h, e1, 128); v128.store(h, f32x4.sub(o1, m1), 192);
          }
          sumWindow(half, bias, b, c, px, py, k, edgesAlong(b, along, k, 4), slope, exact);
          if (k >= count - 4) break;
          k = min(k + 4, count - 4);
        }
      }
    }
  }
}
export function winogradOne(at: usize, scratch: usize, from: i32, to: i32): void {
  oneChannel(at, scratch, from, to, false);
}
export function winogradOneExact(at: usize, scratch: usize, from: i32, to: i32): void {
  oneChannel(at, scratch, from, to, true);
}

/** The 64 transformed values of one channel and four cells, `step` bytes apart. r: the first row of the planes; `plane`s: [x][z][y]. */
function transformCube(b: Block, r0: usize, r1: usize, r2: usize, r3: usize, planes: usize, to: usize, step: usize): void {
  for (let i = 0; i < 4; i++) {
    transformPlane(i == 0 ? r0 : i == 1 ? r1 : i == 2 ? r2 : r3, b.line, planes + <usize>(i << 4), 64);
  }
  for (let m = 0; m < 16; m++, planes += 64, to += step * 4) {
    transformColumn(v128.load(planes), v128.load(planes, 16), v128.load(planes, 32), v128.load(planes, 48), to, step);
  }
}

/** Four output channels and eight cells: 64 products of a 4×channels and a channels×8 matrix. */
function multiply(values: usize, weights: usize, channels: i32, products: usize): void {
  const more = channels - 1;
  for (let p = 0; p < 64; p++, products += 128) {
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
    for (let i = 0; i < more; i++, values += 32, weights += 16) {
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
    v128.store(products, s0); v128.store(products, q0, 16);
    v128.store(products, s1, 32); v128.store(products, q1, 48);
    v128.store(products, s2, 64); v128.store(products, q2, 80);
    v128.store(products, s3, 96); v128.store(products, q3, 112);
  }
}

/** From the products of one output channel and four cells to their values. */
function finish(products: usize, half: usize, b: Block, c: i32, px: i32, py: i32, pz: i32, edges: i32, exact: bool): void {
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
  if (exact) sumWindow(half, bias, b, c, px, py, pz, edges, slope, true);
  else sumWindow(half, bias, b, c, px, py, pz, edges, slope, false);
}

/**
 * Any number of input channels: transformed along x, y and z, eight cells at a time.
 * Scratch: four planes of each channel, 2 kB per channel of transformed values, 8 kB of products, 1 kB between.
 */
export function winogradMany(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), row = b.line * 2, count = b.outZ, channels = b.channels, step = <usize>channels << 5;
  const exact = f32.load(b.bounds) >= 0;
  const plane = <usize>(2 * b.outY + 2) * row, all = <usize>(4 * channels) * plane;
  const values = scratch + all, products = values + step * 64, half = products + 8192;
  memory.fill(scratch, 0, all);
  let next = 2 * from - 1;
  for (let px = from; px < to; px++) {
    for (; next <= 2 * px + 2; next++) {
      for (let c = 0; c < channels; c++) loadPlane(b, c, next, scratch + <usize>(c * 4 + (next & 3)) * plane);
    }
    for (let py = 0; py < b.outY; py++) {
      const along = edgesOf(b, px, py);
      for (let k = 0; ; ) {
        for (let c = 0; c < channels; c++) {
          const r = scratch + <usize>(c * 4) * plane + <usize>(2 * py) * row + LEAD + (<usize>k << 2);
          const r0 = r + <usize>((2 * px - 1) & 3) * plane, r1 = r + <usize>((2 * px) & 3) * plane;
          const r2 = r + <usize>((2 * px + 1) & 3) * plane, r3 = r + <usize>((2 * px + 2) & 3) * plane;
          const v = values + (<usize>c << 5);
          transformCube(b, r0, r1, r2, r3, half, v, step);
          transformCube(b, r0 + 16, r1 + 16, r2 + 16, r3 + 16, half, v + 16, step);
        }
        for (let c = 0; c < b.outputs; c += 4) {
          multiply(values, b.weights + <usize>(c * channels << 8), channels, products);
          const most = min(4, b.outputs - c);
          for (let d = 0; d < most; d++) {
            const m = products + (<usize>d << 5);
            finish(m, half, b, c + d, px, py, k, edgesAlong(b, along, k, 4), exact);
            finish(m + 16, half, b, c + d, px, py, k + 4, edgesAlong(b, along, k + 4, 4), exact);
          }
        }
        if (k >= count - 8) break;
        k = min(k + 8, count - 8);
      }
    }
  }
}
