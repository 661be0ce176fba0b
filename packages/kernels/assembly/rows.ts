import { Block } from "./block";
/** Bytes in front of a row, for position -1. */
// @ts-ignore: decorator
@inline export const LEAD: usize = 16;

// Where the image begins, as planes, rows and columns count from: cells read from position -1 on. -1 to 1.
// @ts-ignore: decorator
@inline export function startX(b: Block): i32 { return b.beforeX + b.padX - 1; }
// @ts-ignore: decorator
@inline export function startY(b: Block): i32 { return b.beforeY + b.padY - 1; }
// @ts-ignore: decorator
@inline export function startZ(b: Block): i32 { return b.beforeZ + b.padZ - 1; }

/** Where the first of a row's values goes, at position `first` from -1 to 1, and the second; the values after them in turn. */
// @ts-ignore: decorator
@inline export function firstPlace(even: usize, odd: usize, first: i32): usize { return first == 0 ? even : first < 0 ? odd - 4 : odd; }
// @ts-ignore: decorator
@inline export function secondPlace(even: usize, odd: usize, first: i32): usize { return first == 0 ? odd : first < 0 ? even : even + 4; }

/** Splits `count` values into those at even and at odd positions. */
function splitRow(source: usize, even: usize, odd: usize, count: i32, first: i32): void {
  let a = firstPlace(even, odd, first);
  let b = secondPlace(even, odd, first);
  let z = 0;
  for (; z + 8 <= count; z += 8) {
    const p = v128.load(source), q = v128.load(source, 16);
    v128.store(a, v128.shuffle<f32>(p, q, 0, 2, 4, 6));
    v128.store(b, v128.shuffle<f32>(p, q, 1, 3, 5, 7));
    source += 32;
    a += 16;
    b += 16;
  }
  for (; z + 2 <= count; z += 2) {
    f32.store(a, f32.load(source));
    f32.store(b, f32.load(source, 4));
    source += 8;
    a += 4;
    b += 4;
  }
  if (z < count) f32.store(a, f32.load(source));
}

/**
 * Plane u of one channel, each row as its even and its odd half, `line` bytes apart. Cell k reads planes, rows and columns 2k - 1 to
 * 2k + 2; row -1 comes first. Values outside the image are 0.
 */
export function loadPlane(b: Block, channel: i32, u: i32, plane: usize): void {
  const rows = 2 * b.outY + 2, row = b.line * 2;
  const x = u - startX(b);
  for (let v = 0; v < rows; v++, plane += row) {
    const y = v - 1 - startY(b);
    if (x < 0 || x >= b.x || y < 0 || y >= b.y) memory.fill(plane, 0, row);
    else {
      const source = b.input + (<usize>((channel * b.x + x) * b.y + y) * <usize>b.z << 2);
      splitRow(source, plane + LEAD, plane + LEAD + b.line, b.z, startZ(b));
    }
  }
}

/** The largest absolute value of each plane; infinite where one is not finite. */
export function largest(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), count = b.y * b.z;
  for (let x = from; x < to; x++) {
    let most: f32 = 0, finite = true;
    for (let c = 0; c < b.channels; c++) {
      let p = b.input + (<usize>(c * b.x + x) * <usize>count << 2), i = 0;
      let m = f32x4.splat(0), zeros = m;
      for (; i + 4 <= count; i += 4, p += 16) {
        const v = v128.load(p);
        m = f32x4.pmax(m, f32x4.abs(v));
        zeros = f32x4.add(zeros, f32x4.mul(v, f32x4.splat(0)));
      }
      if (v128.any_true(f32x4.ne(zeros, zeros))) finite = false;
      for (; i < count; i++, p += 4) {
        const v = abs(f32.load(p));
        if (!(v < Infinity)) finite = false;
        most = max(most, v);
      }
      m = f32x4.pmax(m, v128.shuffle<f32>(m, m, 2, 3, 0, 1));
      most = max(most, max(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)));
    }
    f32.store(b.largest + (<usize>x << 2), finite ? most : <f32>Infinity);
  }
}
