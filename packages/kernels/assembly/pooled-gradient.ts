/** Gradients of blocks with a 3×3×3 convolution and 2×2×2 max-pooling: what a cell's maximum adds to the input is 3×3×3 weights. */
import { Block } from "./block";
import { LEAD } from "./rows";

/**
 * Adds what a cell gives to two planes: 2×4 rows of four values. `table`: [outputs][position in the window][plane][row] of four
 * weights, those of the two planes first. Two planes at a time: fewer sums at once than the processor has registers.
 */
// @ts-ignore: decorator
@inline
function addCell(b: Block, cell: usize, cells: usize, p: usize, q: usize, row: usize, table: usize): void {
  let t0 = v128.load(p), t1 = v128.load(p + row), t2 = v128.load(p + row * 2), t3 = v128.load(p + row * 3);
  let t4 = v128.load(q), t5 = v128.load(q + row), t6 = v128.load(q + row * 2), t7 = v128.load(q + row * 3);
  let g = b.gradient + cell * b.gradientCell, code = b.codes + cell, factors = b.factors;
  const step = b.gradientChannel;
  for (let c = b.outputs; c > 0; c--) {
    const id = <usize>load<u8>(code);
    const s = f32x4.splat(f32.load(g) * f32.load(factors + (id >> 6 << 2)));
    const w = table + ((id & 7) << 8);
    t0 = f32x4.add(t0, f32x4.mul(s, v128.load(w)));
    t1 = f32x4.add(t1, f32x4.mul(s, v128.load(w, 16)));
    t2 = f32x4.add(t2, f32x4.mul(s, v128.load(w, 32)));
    t3 = f32x4.add(t3, f32x4.mul(s, v128.load(w, 48)));
    t4 = f32x4.add(t4, f32x4.mul(s, v128.load(w, 64)));
    t5 = f32x4.add(t5, f32x4.mul(s, v128.load(w, 80)));
    t6 = f32x4.add(t6, f32x4.mul(s, v128.load(w, 96)));
    t7 = f32x4.add(t7, f32x4.mul(s, v128.load(w, 112)));
    g += step;
    code += cells;
    factors += 16;
    table += 2048;
  }
  v128.store(p, t0); v128.store(p + row, t1); v128.store(p + row * 2, t2); v128.store(p + row * 3, t3);
  v128.store(q, t4); v128.store(q + row, t5); v128.store(q + row * 2, t6); v128.store(q + row * 3, t7);
}

/** Writes plane u of the gradient: the sums of even and of odd cells. */
function writePlane(b: Block, plane: usize, u: i32): void {
  const x = u - b.beforeX, row = b.gradientLine * 2;
  if (x < 0 || x >= b.x) return;
  for (let y = 0; y < b.y; y++) {
    const sums = plane + <usize>(y + b.beforeY + 1) * row + LEAD;
    let even = sums + (<usize>(b.beforeZ + 1) << 2), odd = sums + b.gradientLine + (<usize>b.beforeZ << 2) - 4;
    let g = b.inputGradient + (<usize>(x * b.y + y) * <usize>b.z << 2);
    let z = 0;
    for (; z + 4 <= b.z; z += 4, even += 16, odd += 16, g += 16) v128.store(g, f32x4.add(v128.load(even), v128.load(odd)));
    for (; z < b.z; z++, even += 4, odd += 4, g += 4) f32.store(g, f32.load(even) + f32.load(odd));
  }
}

/**
 * One input channel. Scratch: four planes of the gradient, each row once for cells at even and once for cells at odd positions.
 * Planes of the output are counted; those of the gradient between them are written by the part that has the first of the two.
 */
export function gradientOne(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), row = b.gradientLine * 2, count = b.outZ;
  const plane = <usize>(2 * b.outY + 2) * row, cells = <usize>b.outX * <usize>b.outY * <usize>count;
  memory.fill(scratch, 0, plane * 4);
  const first = max(from - 1, 0), end = min(to + 1, b.outX), lastOfAll = b.outX - 1;
  for (let px = first; px < end; px++) {
    const p0 = scratch + <usize>((2 * px - 1) & 3) * plane + LEAD, p1 = scratch + <usize>((2 * px) & 3) * plane + LEAD;
    const p2 = scratch + <usize>((2 * px + 1) & 3) * plane + LEAD, p3 = scratch + <usize>((2 * px + 2) & 3) * plane + LEAD;
    for (let py = 0; py < b.outY; py++) {
      let cell = <usize>(px * b.outY + py) * <usize>count;
      for (let k = 0; k < count; k++, cell++) {
        const d = <usize>(2 * py) * row + (<usize>(k >> 1) << 4) + <usize>(k & 1) * b.gradientLine;
        addCell(b, cell, cells, p0 + d, p1 + d, row, b.table);
        addCell(b, cell, cells, p2 + d, p3 + d, row, b.table + 128);
      }
    }
    const through = px == lastOfAll ? 2 * px + 2 : 2 * px;
    for (let u = 2 * px - 1; u <= through; u++) {
      const sums = scratch + <usize>(u & 3) * plane;
      if (isOwn(u, from, to, lastOfAll)) writePlane(b, sums, u);
      memory.fill(sums, 0, plane);
    }
  }
}
/** Does plane u of the gradient belong to the part `from` to `to`? What lies in front of and behind all cells goes to the first and last. */
// @ts-ignore: decorator
@inline
function isOwn(u: i32, from: i32, to: i32, last: i32): bool {
  return (u >= 2 * from || from == 0) && (u < 2 * to || to > last);
}

/** Adds s times twelve weights to twelve sums. */
// @ts-ignore: decorator
@inline
function addTwelve(sums: usize, weights: usize, s: v128): void {
  v128.store(sums, f32x4.add(v128.load(sums), f32x4.mul(s, v128.load(weights))));
  v128.store(sums, f32x4.add(v128.load(sums, 16), f32x4.mul(s, v128.load(weights, 16))), 16);
  v128.store(sums, f32x4.add(v128.load(sums, 32), f32x4.mul(s, v128.load(weights, 32))), 32);
}

/**
 * Any number of input channels, those of a position beside each other (`inner` of them, a multiple of 4). Cells without a gradient cost
 * nothing. `table`: [outputs][3×3×3][inner]. Scratch: four planes.
 */
export function gradientMany(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), inner = (b.channels + 3) & ~3, position = <usize>inner << 2, groups = inner >> 2;
  const row = <usize>(2 * b.outZ + 2) * position, plane = <usize>(2 * b.outY + 2) * row, tap = position * 3;
  const cells = <usize>b.outX * <usize>b.outY * <usize>b.outZ;
  memory.fill(scratch, 0, plane * 4);
  const first = max(from - 1, 0), end = min(to + 1, b.outX), lastOfAll = b.outX - 1;
  for (let px = first; px < end; px++) {
    for (let py = 0; py < b.outY; py++) {
      let cell = <usize>(px * b.outY + py) * <usize>b.outZ;
      for (let k = 0; k < b.outZ; k++, cell++) {
        let g = b.gradient + cell * b.gradientCell, code = b.codes + cell, table = b.table, factors = b.factors;
        for (let c = b.outputs; c > 0; c--) {
          const id = <i32>load<u8>(code), value = f32.load(g) * f32.load(factors + <usize>(id >> 6 << 2));
          if (value != 0) {
            const s = f32x4.splat(value), u = 2 * px - 1 + ((id >> 2) & 1);
            const p = scratch + <usize>(2 * py + ((id >> 1) & 1)) * row + <usize>(2 * k + (id & 1)) * position;
            let w = table;
            for (let i = 0; i < 3; i++) {
              let q = p + <usize>((u + i) & 3) * plane;
              for (let j = 0; j < 3; j++, q += row) {
                if (groups == 2) {
                  addTwelve(q, w, s);
                  addTwelve(q + 48, w + 48, s);
                  w += 96;
                } else for (let n = 0, r = q; n < groups; n++, r += 48, w += 48) addTwelve(r, w, s);
              }
            }
          }
          g += b.gradientChannel;
          code += cells;
          factors += 16;
          table += tap * 9;
        }
      }
    }
    const through = px == lastOfAll ? 2 * px + 2 : 2 * px;
    for (let u = 2 * px - 1; u <= through; u++) {
      const sums = scratch + <usize>(u & 3) * plane;
      if (isOwn(u, from, to, lastOfAll)) writeMany(b, sums, u, position);
      memory.fill(sums, 0, plane);
    }
  }
}
function writeMany(b: Block, plane: usize, u: i32, position: usize): void {
  const x = u - b.beforeX, row = <usize>(2 * b.outZ + 2) * position, count = <usize>(b.x * b.y) * <usize>b.z << 2;
  if (x < 0 || x >= b.x) return;
  for (let y = 0; y < b.y; y++) {
    let sums = plane + <usize>(y + b.beforeY + 1) * row + <usize>(b.beforeZ + 1) * position;
    const at = <usize>(x * b.y + y) * <usize>b.z;
    if (b.channelsLast) memory.copy(b.inputGradient + at * position, sums, <usize>b.z * position);
    else {
      let g = b.inputGradient + (at << 2);
      for (let z = 0; z < b.z; z++, g += 4, sums += position) {
        for (let c = 0; c < b.channels; c++) f32.store(g + <usize>c * count, f32.load(sums + (<usize>c << 2)));
      }
    }
  }
}

/** Takes what is below 0 out of the gradient at the output: guided backpropagation. Planes of the output are counted. */
export function rectify(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), isLast = b.gradientChannel == 4;
  // Any order will do: each plane stands for as many values.
  const share = <usize>(b.outY * b.outZ) * (isLast ? b.gradientCell : <usize>b.outputs << 2);
  const end = b.gradient + <usize>to * share;
  let p = b.gradient + <usize>from * share;
  for (; p + 16 <= end; p += 16) v128.store(p, f32x4.pmax(v128.load(p), f32x4.splat(0)));
  for (; p < end; p += 4) if (f32.load(p) < 0) f32.store(p, 0);
}
