/**
 * Rows that begin or end as the row before, such as those of the air around a head. A cell that reads the same values as the cell of the row
 * before has the same value and code, which are copied: nothing is computed or decided twice.
 *
 * A table has two numbers of four bytes per row [x][y]: so many values in front are those of row y - 1, in all channels; and so are those from
 * the second number on. The table of the image is made of its values, each later one of the table before.
 */
import { Block } from "./block";

/** How many values of two rows are the same, bit by bit, from the first on: `most` at most. */
function countEqual(p: usize, q: usize, most: i32): i32 {
  let k = 0;
  for (; k + 4 <= most; k += 4, p += 16, q += 16) if (v128.any_true(v128.xor(v128.load(p), v128.load(q)))) break;
  for (; k < most; k++, p += 4, q += 4) if (i32.load(p) != i32.load(q)) break;
  return k;
}
/** The place from which on two rows of `count` values are the same: `least` at least. */
function placeOfEqual(p: usize, q: usize, count: i32, least: i32): i32 {
  let k = count;
  for (; k - 4 >= least; k -= 4) {
    const at = <usize>(k - 4) << 2;
    if (v128.any_true(v128.xor(v128.load(p + at), v128.load(q + at)))) break;
  }
  for (; k > least; k--) {
    const at = <usize>(k - 1) << 2;
    if (i32.load(p + at) != i32.load(q + at)) break;
  }
  return k;
}
// @ts-ignore: decorator
@inline
function storeRepeats(table: usize, row: i32, first: i32, last: i32): void {
  const at = table + (<usize>row << 3);
  i32.store(at, first);
  i32.store(at, last, 4);
}

/** The table of the block's input. */
export function compareRows(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), line = <usize>b.z << 2, channel = <usize>(b.x * b.y) * line;
  for (let x = from; x < to; x++) {
    storeRepeats(b.repeats, x * b.y, 0, b.z);
    for (let y = 1; y < b.y; y++) {
      let first = b.z, last = 0, p = b.input + <usize>(x * b.y + y) * line;
      for (let c = 0; c < b.channels; c++, p += channel) {
        first = countEqual(p, p - line, first);
        if (first < b.z) last = placeOfEqual(p, p - line, b.z, max(first, last));
      }
      storeRepeats(b.repeats, x * b.y + y, first, last);
    }
  }
}

/** Copies bytes between places that do not overlap. */
// @ts-ignore: decorator
@inline
function copy(to: usize, from: usize, count: usize): void {
  if (count < 16) {
    for (let k: usize = 0; k < count; k++) store<u8>(to + k, load<u8>(from + k));
    return;
  }
  const last = count - 16;
  for (let k: usize = 0; k < last; k += 16) v128.store(to + k, v128.load(from + k));
  v128.store(to + last, v128.load(from + last));
}

/**
 * Copies those cells of row py, of all channels, that repeat the row before; 3×3×3 convolution and 2×2×2 pooling. The others are the cells
 * from `firstOf` to `lastOf` of what is returned. The row before has to be there: a part computes those of a plane in their order.
 */
export function repeatCells(b: Block, px: i32, py: i32): u64 {
  const count = b.outZ, x = 2 * px - b.beforeX - b.padX, y = 2 * py - b.beforeY - b.padY, z = b.beforeZ + b.padZ;
  let first = 0, last = count;
  // Both rows of cells read rows of the image alone: five steps from row to row lead from one to the other.
  if (b.repeats && y >= 2 && y + 4 <= b.y) {
    let start = b.z, end = 0;
    for (let u = max(x, 0), to = min(x + 4, b.x); u < to; u++) {
      const rows = b.repeats + (<usize>(u * b.y + y - 1) << 3);
      for (let p = rows; p < rows + 40; p += 8) {
        start = min(start, i32.load(p));
        end = max(end, i32.load(p, 4));
      }
    }
    if (start == b.z) first = count;
    else {
      // Cell k reads four values from 2 k - z on.
      if (start + z >= 4) first = ((start + z - 4) >> 1) + 1;
      last = max(first, min(count, (end + z + 1) >> 1));
    }
  }
  const row = px * b.outY + py;
  if (b.outputRepeats) storeRepeats(b.outputRepeats, row, first < last ? first : count, first < last ? last : 0);
  if (first > 0 || last < count) {
    const cells = <usize>(b.outX * b.outY * count);
    let at = <usize>(row * count);
    for (let c = 0; c < b.outputs; c++, at += cells) {
      const values = b.output + (at << 2), codes = b.codes + at;
      copy(values, values - (<usize>count << 2), <usize>first << 2);
      copy(codes, codes - count, first);
      const tail = <usize>last;
      copy(values + (tail << 2), values + (tail << 2) - (<usize>count << 2), <usize>(count - last) << 2);
      copy(codes + tail, codes + tail - count, count - last);
    }
  }
  return (<u64>first << 32) | <u64>last;
}
// @ts-ignore: decorator
@inline export function firstOf(cells: u64): i32 { return <i32>(cells >> 32); }
// @ts-ignore: decorator
@inline export function lastOf(cells: u64): i32 { return <i32>cells; }
