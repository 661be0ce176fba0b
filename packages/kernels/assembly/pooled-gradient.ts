/**
 * Gradients of blocks with a 3×3×3 convolution and 2×2×2 max-pooling: what a cell's maximum adds to the input is 3×3×3 weights.
 *
 * Cells are taken in tiles of a row, one output channel after the other. Those that have a gradient are listed first (behind a ReLU about half
 * of them have none), so that no branch depends on a cell; then nine weights stay in registers while the list is added to the sums.
 * Sums are those of one row of cells: [y of 4][x of 4], as y and x count from the first value that the cells reach. When a row is done, the
 * first two rows of its sums are complete along y, and the others take their place; of these, the first two planes are complete once those
 * that the plane of cells in front left behind are added.
 */
import { Block } from "./block";
import { compactionTable, GRADIENTS, listCells, rowOfGradients } from "./cell-list";
import { startX, startY, startZ } from "./rows";

/** Scratch memory: a table, the list of a tile (offsets, values), its gradients; the rest follows. */
const OFFSETS: usize = 256;
const VALUES: usize = OFFSETS + 256;
const HEAD: usize = VALUES + 256;

/** Lists the cells of a tile, from `first` on, that have a gradient in channel c; returns the end of the list. */
// @ts-ignore: decorator
@inline
function listTile(b: Block, c: i32, first: usize, count: i32, scratch: usize, zStep: i32, yStep: i32, xStep: i32): usize {
  const cells = <usize>(b.outX * b.outY) * <usize>b.outZ;
  const g = rowOfGradients(b, first, c, count, scratch + HEAD);
  return listCells(b, c, b.codes + <usize>c * cells + first, g, count, scratch, scratch + OFFSETS, scratch + VALUES, 32, zStep, yStep, xStep);
}

/** Cells of a tile; bytes from x to x, from y to y, from tile to tile. */
const CELLS: i32 = 24;
const ROW: usize = 768;
const ROWS: usize = 4 * ROW;
const TILE: usize = 4 * ROWS;

/**
 * One input channel. Planes of the output are counted. A part computes one plane of cells more than its own, the one in front.
 * Sums: [tile][y][x][cell], 32 bytes of a cell, of which the first four values count: positions -1 to 2 from the cell's own on.
 * Scratch, behind the list: the sums, two planes that the cells in front left behind, a line.
 */
export function gradientOne(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), tiles = (b.outZ + CELLS - 1) / CELLS;
  const sums = scratch + HEAD + <usize>((b.outputs + 3) & ~3) * GRADIENTS, left = sums + <usize>tiles * TILE;
  const plane = <usize>(2 * b.outY + 2) * b.gradientLine;
  compactionTable(scratch);
  memory.fill(sums, 0, <usize>tiles * TILE + 2 * plane);
  for (let px = max(from - 1, 0); px < to; px++) {
    for (let py = 0; py < b.outY; py++) {
      for (let tile = 0; tile < tiles; tile++) {
        const first = <usize>((px * b.outY + py) * b.outZ + tile * CELLS), count = min(CELLS, b.outZ - tile * CELLS);
        for (let c = 0; c < b.outputs; c++) {
          const end = listTile(b, c, first, count, scratch, 4, <i32>ROWS, <i32>ROW);
          addOne(sums + <usize>tile * TILE, b.table + <usize>c * 144, scratch + OFFSETS, end);
        }
      }
      finishRows(b, sums, left, plane, 2 * px - 1, 2 * py, px >= from);
    }
    finishRows(b, sums, left, plane, 2 * px - 1, 2 * b.outY, px >= from);
  }
  // What the last cells leave behind them.
  if (to == b.outX) for (let v = 0; v < 2 * b.outY + 2; v += 2) finishRows(b, sums, left, plane, 2 * to - 1, v, true);
}

/** Adds the listed cells: nine rows of weights each. */
function addOne(sums: usize, w: usize, list: usize, end: usize): void {
  const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48), w4 = v128.load(w, 64);
  const w5 = v128.load(w, 80), w6 = v128.load(w, 96), w7 = v128.load(w, 112), w8 = v128.load(w, 128);
  for (; list < end; list += 4) {
    const p = sums + <usize>load<u32>(list), s = v128.load_splat<f32>(list, VALUES - OFFSETS);
    v128.store(p, f32x4.add(v128.load(p), f32x4.mul(s, w0)));
    v128.store(p, f32x4.add(v128.load(p, ROWS), f32x4.mul(s, w1)), ROWS);
    v128.store(p, f32x4.add(v128.load(p, 2 * ROWS), f32x4.mul(s, w2)), 2 * ROWS);
    v128.store(p, f32x4.add(v128.load(p, ROW), f32x4.mul(s, w3)), ROW);
    v128.store(p, f32x4.add(v128.load(p, ROW + ROWS), f32x4.mul(s, w4)), ROW + ROWS);
    v128.store(p, f32x4.add(v128.load(p, ROW + 2 * ROWS), f32x4.mul(s, w5)), ROW + 2 * ROWS);
    v128.store(p, f32x4.add(v128.load(p, 2 * ROW), f32x4.mul(s, w6)), 2 * ROW);
    v128.store(p, f32x4.add(v128.load(p, 2 * ROW + ROWS), f32x4.mul(s, w7)), 2 * ROW + ROWS);
    v128.store(p, f32x4.add(v128.load(p, 2 * ROW + 2 * ROWS), f32x4.mul(s, w8)), 2 * ROW + 2 * ROWS);
  }
}

/**
 * Takes the first two rows off the sums: in planes u and u + 1 they are complete with what is `left`, and written; in the two planes
 * behind they are left. v: the first of the rows, from -1 of the image in front of its padding on.
 */
function finishRows(b: Block, sums: usize, left: usize, plane: usize, u: i32, v: i32, isOwn: bool): void {
  const pitch = b.gradientLine, line = left + 2 * plane, zero = f32x4.splat(0);
  for (let j = 0; j < 2; j++) {
    const row = sums + <usize>j * ROWS, y = v + j - 1 - startY(b);
    for (let i = 0; i < 2; i++) {
      const x = u + i - startX(b), rest = left + <usize>i * plane + <usize>(v + j) * pitch;
      if (isOwn && x >= 0 && x < b.x && y >= 0 && y < b.y) {
        joinCells(row + <usize>i * ROW, b.outZ, line, rest, true);
        copyLine(line + (<usize>(startZ(b) + 1) << 2), b.inputGradient + (<usize>((x * b.y + y) * b.z) << 2), b.z);
      }
      joinCells(row + <usize>(i + 2) * ROW, b.outZ, rest, rest, false);
    }
    for (let tile = 0, q = row; tile < b.outZ; tile += CELLS, q += TILE) {
      const used = <usize>min(CELLS, b.outZ - tile) << 5;
      for (let i = 0; i < 4; i++) {
        for (let p = q + <usize>i * ROW, end = p + used; p < end; p += 32) {
          v128.store(p, v128.load(p, 2 * ROWS));
          v128.store(p, zero, 2 * ROWS);
        }
      }
    }
  }
}

/** The sums of a row's cells where they overlap, from position -1 of the first cell on; `isAdded`: and those of `rest`. */
// @ts-ignore: decorator
@inline
function joinCells(row: usize, count: i32, out: usize, rest: usize, isAdded: bool): void {
  let last = f32x4.splat(0);
  for (let tile = 0; tile < count; tile += CELLS, row += TILE) {
    const end = row + (<usize>(min(CELLS, count - tile) + 1 & ~1) << 5);
    // The cell behind the last one of an odd number has no sums: it is 0.
    for (let p = row; p < end; p += 64, out += 16, rest += 16) {
      const after = v128.load(p, 32);
      let sum = f32x4.add(v128.load(p), v128.shuffle<f32>(last, after, 2, 3, 4, 5));
      if (isAdded) sum = f32x4.add(sum, v128.load(rest));
      v128.store(out, sum);
      last = after;
    }
  }
  let sum = v128.shuffle<f32>(last, f32x4.splat(0), 2, 3, 4, 5);
  if (isAdded) sum = f32x4.add(sum, v128.load(rest));
  v128.store(out, sum);
}
function copyLine(from: usize, to: usize, count: i32): void {
  for (; count >= 4; count -= 4, from += 16, to += 16) v128.store(to, v128.load(from));
  for (; count > 0; count--, from += 4, to += 4) f32.store(to, f32.load(from));
}

/** `gradientMany`: cells of a tile, two positions each; bytes of a row, of four channels a position, and from y to y. */
const MANY: i32 = 48;
const LINE: usize = 1600;
const LINES: usize = 4 * LINE;

/** Output channels of a row of cells that are summed before they are added to the other sums: errors grow with the number of terms in a row. */
const OUTPUTS: i32 = 32;

/**
 * Any number of input channels, four of them at a time. `table`: [output][four channels][3×3×3] of four weights.
 * Sums: [four channels][y as of the whole image][x of 4][position]. Those of `OUTPUTS` channels of one row of cells are made apart, with four
 * rows y.
 */
export function gradientMany(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), rows = 2 * b.outY + 2, sums = scratch + HEAD + <usize>((b.outputs + 3) & ~3) * GRADIENTS;
  compactionTable(scratch);
  const tiles = (b.outZ + MANY - 1) / MANY, groups = (b.channels + 3) >> 2, all = <usize>rows * LINES, own = sums + <usize>groups * all;
  memory.fill(own, 0, <usize>groups * 4 * LINES);
  for (let tile = 0; tile < tiles; tile++) {
    const k = tile * b.outZ / tiles, count = (tile + 1) * b.outZ / tiles - k;
    memory.fill(sums, 0, <usize>groups * all);
    for (let px = max(from - 1, 0); px < to; px++) {
      for (let py = 0; py < b.outY; py++) {
        for (let c = 0; c < b.outputs; ) {
          for (const most = min(b.outputs, c + OUTPUTS); c < most; c++) {
            const end = listTile(b, c, <usize>((px * b.outY + py) * b.outZ + k), count, scratch, 16, <i32>LINES, <i32>LINE);
            let w = b.table + <usize>(c * groups * 432), target = own;
            for (let group = 0; group < groups; group++, target += 4 * LINES) {
              for (let p = target, q = target + 3 * LINE; p < q; p += LINE, w += 144) addMany(p, w, scratch + OFFSETS, end);
            }
          }
          let target = sums + <usize>(2 * py) * LINES, row = own;
          for (let group = 0; group < groups; group++, target += all, row += 4 * LINES) {
            for (let line: usize = 0; line < 4 * LINES; line += LINE) moveSums(row + line, target + line, 2 * count + 2);
          }
        }
      }
      writeMany(b, sums, rows, 2 * px - 1, k, count, px >= from);
    }
    if (to == b.outX) writeMany(b, sums, rows, 2 * to - 1, k, count, true);
  }
}

/** Adds sums of positions to others, and leaves zeros. */
// @ts-ignore: decorator
@inline
function moveSums(from: usize, to: usize, count: i32): void {
  for (const end = from + (<usize>count << 4); from < end; from += 16, to += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    v128.store(from, f32x4.splat(0));
  }
}

/** Adds the listed cells in one plane: three rows of three positions. */
function addMany(sums: usize, w: usize, list: usize, end: usize): void {
  const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48), w4 = v128.load(w, 64);
  const w5 = v128.load(w, 80), w6 = v128.load(w, 96), w7 = v128.load(w, 112), w8 = v128.load(w, 128);
  for (; list < end; list += 4) {
    const p = sums + <usize>load<u32>(list), s = v128.load_splat<f32>(list, VALUES - OFFSETS);
    v128.store(p, f32x4.add(v128.load(p), f32x4.mul(s, w0)));
    v128.store(p, f32x4.add(v128.load(p, 16), f32x4.mul(s, w1)), 16);
    v128.store(p, f32x4.add(v128.load(p, 32), f32x4.mul(s, w2)), 32);
    v128.store(p, f32x4.add(v128.load(p, LINES), f32x4.mul(s, w3)), LINES);
    v128.store(p, f32x4.add(v128.load(p, LINES + 16), f32x4.mul(s, w4)), LINES + 16);
    v128.store(p, f32x4.add(v128.load(p, LINES + 32), f32x4.mul(s, w5)), LINES + 32);
    v128.store(p, f32x4.add(v128.load(p, 2 * LINES), f32x4.mul(s, w6)), 2 * LINES);
    v128.store(p, f32x4.add(v128.load(p, 2 * LINES + 16), f32x4.mul(s, w7)), 2 * LINES + 16);
    v128.store(p, f32x4.add(v128.load(p, 2 * LINES + 32), f32x4.mul(s, w8)), 2 * LINES + 32);
  }
}

/**
 * Writes planes u and u + 1 of the gradient, and moves the sums up by two planes. What the tile in front has begun is added to.
 */
function writeMany(b: Block, sums: usize, rows: i32, u: i32, k: i32, count: i32, isOwn: bool): void {
  const groups = (b.channels + 3) >> 2, position = <usize>groups << 4, channel = <usize>(b.x * b.y) * <usize>b.z << 2;
  const z = 2 * k - 1 - startZ(b), most = min(2 * count + 2, b.z - z), all = <usize>rows * LINES;
  for (let i = 0; i < 2; i++) {
    const x = u + i - startX(b);
    const isWritten = isOwn && x >= 0 && x < b.x;
    for (let v = 0; v < rows; v++) {
      const row = sums + <usize>v * LINES + <usize>i * LINE, y = v - 1 - startY(b);
      if (isWritten && y >= 0 && y < b.y) {
        const first = <usize>((x * b.y + y) * b.z);
        for (let q = max(0, -z); q < most; q++) {
          const isAdded = k > 0 && q < 2;
          let p = row + <usize>(q << 4);
          if (b.channelsLast) {
            let out = b.inputGradient + (first + z + q) * position;
            for (let group = 0; group < groups; group++, p += all, out += 16) {
              v128.store(out, isAdded ? f32x4.add(v128.load(out), v128.load(p)) : v128.load(p));
            }
          } else {
            let out = b.inputGradient + (first + z + q << 2);
            for (let c = 0; c < b.channels; c++, out += channel) {
              const value = f32.load(p + <usize>(c >> 2) * all + <usize>((c & 3) << 2));
              f32.store(out, isAdded ? f32.load(out) + value : value);
            }
          }
        }
      }
      for (let group = 0, q = row; group < groups; group++, q += all) for (let p = q, end = q + (<usize>(2 * count + 2) << 4); p < end; p += 16) {
        v128.store(p, v128.load(p, 2 * LINE));
        v128.store(p, f32x4.splat(0), 2 * LINE);
      }
    }
  }
}

/** Takes what is below 0 out of the gradient at the output: guided backpropagation. Planes of the output are counted. */
export function rectify(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), isLast = b.gradientCell > 4;
  // Any order will do: each plane stands for as many values.
  const share = <usize>(b.outY * b.outZ) * (isLast ? b.gradientCell : <usize>b.outputs << 2);
  const end = b.gradient + <usize>to * share;
  let p = b.gradient + <usize>from * share;
  for (; p + 16 <= end; p += 16) v128.store(p, f32x4.pmax(v128.load(p), f32x4.splat(0)));
  for (; p < end; p += 4) if (f32.load(p) < 0) f32.store(p, 0);
}
