/**
 * Decisions of the activation and of max-pooling, in float64. Where the rounding of the values in front of the block could make the
 * difference, those that decide are computed again from the image (`convolve64.ts`).
 *
 * Code of a value: bits 0 to 5 the position of the maximum in its window, in scan order; bit 7 set where it is not above 0, so that
 * its gradient takes the slope; 255 where a zero of the padding won, which has no gradient.
 */
import { Block } from "./block";
import { convolve64, convolveFromImage, NEGATIVE, NOTHING } from "./convolve64";

/**
 * Are sums of a window too near to each other, or the largest to 0, for an input that is rounded? `second`: the largest of those that are not
 * equal to the largest. Sums that are exactly equal, and sums of exactly 0, are so whatever the input is rounded to.
 */
// @ts-ignore: decorator
@inline
function isOpen(b: Block, c: i32, largest: f64, second: f64): bool {
  if (!b.front) return false;
  const doubt = <f64>f32.load(b.doubts + (<usize>c << 2));
  // Far below 0, only a slope makes a difference.
  if (largest < -doubt && f64.load(b.slopes64 + (<usize>c << 3)) == 0) return false;
  return largest - second <= doubt || (largest != 0 && abs(largest) <= doubt);
}
// @ts-ignore: decorator
@inline
function decideOpen(b: Block, c: i32, px: i32, py: i32, pz: i32, largest: f64): void {
  decideWindow(b, c, px, py, pz, largest - <f64>f32.load(b.doubts + (<usize>c << 2)));
}

/** The number of a cell among the values behind the pooling. */
// @ts-ignore: decorator
@inline
function cellAt(b: Block, c: i32, px: i32, py: i32, pz: i32): usize {
  return <usize>((c * b.outX + px) * b.outY + py) * <usize>b.outZ + <usize>pz;
}
// @ts-ignore: decorator
@inline
function storeCell(b: Block, at: usize, value: f64, code: i32): void {
  f32.store(b.output + (at << 2), <f32>value + 0);
  store<u8>(b.codes + at, <u8>code);
}

/** One value behind a max-pooling, and its code. */
export function decideMaximum(b: Block, c: i32, px: i32, py: i32, pz: i32): void {
  decideWindow(b, c, px, py, pz, Infinity);
}
/** `decideMaximum`, with the sums that are at least `least` computed from the image. */
function decideWindow(b: Block, c: i32, px: i32, py: i32, pz: i32, least: f64): void {
  const slope = f64.load(b.slopes64 + (<usize>c << 3));
  let best = -f64.MAX_VALUE, code = NOTHING, id = 0, largest = -f64.MAX_VALUE, second = largest;
  for (let i = 0; i < b.windowX; i++) {
    const x = px * b.stepX + i - b.beforeX;
    for (let j = 0; j < b.windowY; j++) {
      const y = py * b.stepY + j - b.beforeY;
      for (let l = 0; l < b.windowZ; l++, id++) {
        const z = pz * b.stepZ + l - b.beforeZ;
        if (x >= 0 && x < b.convX && y >= 0 && y < b.convY && z >= 0 && z < b.convZ) {
          let sum = convolve64(b, c, x, y, z);
          if (sum > largest) {
            second = largest;
            largest = sum;
          } else if (sum < largest) second = max(second, sum);
          if (sum >= least) sum = convolveFromImage(b, c, x, y, z);
          const value = sum > 0 ? sum : sum * slope;
          if (value > best) {
            best = value;
            code = sum > 0 ? id : id | NEGATIVE;
          }
        } else if (isZero(b, x, y, z) && best < 0) {
          best = 0;
          code = NOTHING;
        }
      }
    }
  }
  if (least == Infinity && isOpen(b, c, largest, second)) return decideOpen(b, c, px, py, pz, largest);
  storeCell(b, cellAt(b, c, px, py, pz), best, code);
}

/**
 * One value behind a 3×3×3 convolution and a 2×2×2 max-pooling, and its code: as `decideMaximum`, to the bit. A part computes the cells of a
 * plane in the order of y and z.
 */
export function decideCell(b: Block, c: i32, px: i32, py: i32, pz: i32): void {
  const x = 2 * px - b.beforeX - b.padX, y = 2 * py - b.beforeY - b.padY, z = 2 * pz - b.beforeZ - b.padZ;
  if (isWithin(x, b.x) && isWithin(y, b.y) && isWithin(z, b.z)) return decideInner(b, c, px, py, pz, x, y, z);
  // Where a background meets the zeros around the image, every cell is near, and is as the one before.
  const at = cellAt(b, c, px, py, pz);
  let before = at;
  if (z >= 2 && isWithin(z, b.z)) {
    if (areEqual(b, x, x + 4, y, y + 4, z - 2, z + 4)) before -= 1;
  } else if (y >= 2 && isWithin(y, b.y) && areEqual(b, x, x + 4, y - 2, y + 4, z, z + 4)) before -= <usize>b.outZ;
  if (before == at) return decideOuter(b, c, px, py, pz, x, y, z);
  f32.store(b.output + (at << 2), f32.load(b.output + (before << 2)));
  store<u8>(b.codes + at, load<u8>(b.codes + before));
}
// @ts-ignore: decorator
@inline
function isWithin(from: i32, length: i32): bool {
  return from >= 0 && from + 4 <= length;
}

/** `decideCell` where the window reads zeros around the image, or has positions outside the convolution. */
function decideOuter(b: Block, c: i32, px: i32, py: i32, pz: i32, x: i32, y: i32, z: i32): void {
  const line = <usize>b.z << 2, plane = <usize>b.y * line, channel = <usize>b.x * plane;
  let s0 = v128.load_splat<f64>(b.bias64 + (<usize>c << 3)), s2 = s0, s4 = s0, s6 = s0;
  let w = b.weights64 + <usize>(c * b.channels) * 216, first = b.input;
  for (let n = 0; n < b.channels; n++, first += channel) {
    for (let i = x; i < x + 3; i++) {
      for (let j = y; j < y + 3; j++, w += 24) {
        if (isInside(i, b.x)) {
          if (isInside(j, b.y)) s0 = addPadded64(b, s0, first + <usize>i * plane + <usize>j * line, z, w);
          if (isInside(j + 1, b.y)) s2 = addPadded64(b, s2, first + <usize>i * plane + <usize>(j + 1) * line, z, w);
        }
        if (isInside(i + 1, b.x)) {
          if (isInside(j, b.y)) s4 = addPadded64(b, s4, first + <usize>(i + 1) * plane + <usize>j * line, z, w);
          if (isInside(j + 1, b.y)) s6 = addPadded64(b, s6, first + <usize>(i + 1) * plane + <usize>(j + 1) * line, z, w);
        }
      }
    }
  }
  const slope = f64.load(b.slopes64 + (<usize>c << 3));
  let best = -f64.MAX_VALUE, code = NOTHING, largest = -f64.MAX_VALUE, second = largest;
  for (let id = 0; id < 8; id++) {
    const pair = id & 4 ? (id & 2 ? s6 : s4) : id & 2 ? s2 : s0;
    const sum = id & 1 ? f64x2.extract_lane(pair, 1) : f64x2.extract_lane(pair, 0);
    const u = x + b.padX + (id >> 2), v = y + b.padY + ((id >> 1) & 1), t = z + b.padZ + (id & 1);
    if (isInside(u, b.convX) && isInside(v, b.convY) && isInside(t, b.convZ)) {
      const value = sum > 0 ? sum : sum * slope;
      if (value > best) {
        best = value;
        code = sum > 0 ? id : id | NEGATIVE;
      }
      if (sum > largest) {
        second = largest;
        largest = sum;
      } else if (sum < largest) second = max(second, sum);
    } else if (isZero(b, u, v, t) && best < 0) {
      best = 0;
      code = NOTHING;
    }
  }
  if (isOpen(b, c, largest, second)) return decideOpen(b, c, px, py, pz, largest);
  storeCell(b, cellAt(b, c, px, py, pz), best, code);
}
// @ts-ignore: decorator
@inline
function isInside(at: i32, length: i32): bool {
  return <u32>at < <u32>length;
}
/** Adds what the four values of a row from z on give at two positions; those outside are 0. */
function addPadded64(b: Block, sum: v128, row: usize, z: i32, w: usize): v128 {
  let d = f32x4.splat(0);
  const p = row + (<usize>z << 2);
  if (isInside(z, b.z)) d = v128.load_lane<u32>(p, d, 0);
  if (isInside(z + 1, b.z)) d = v128.load_lane<u32>(p + 4, d, 1);
  if (isInside(z + 2, b.z)) d = v128.load_lane<u32>(p + 8, d, 2);
  if (isInside(z + 3, b.z)) d = v128.load_lane<u32>(p + 12, d, 3);
  sum = f64x2.add(sum, f64x2.mul(v128.load_splat<f64>(w), f64x2.promote_low_f32x4(d)));
  sum = f64x2.add(sum, f64x2.mul(v128.load_splat<f64>(w, 8), f64x2.promote_low_f32x4(v128.shuffle<f32>(d, d, 1, 2, 1, 2))));
  return f64x2.add(sum, f64x2.mul(v128.load_splat<f64>(w, 16), f64x2.promote_low_f32x4(v128.shuffle<f32>(d, d, 2, 3, 2, 3))));
}

/** The window reads 4×4×4 values from x, y, z on, all of them inside the image. Each sum adds its products in the order of `convolve64`. */
function decideInner(b: Block, c: i32, px: i32, py: i32, pz: i32, x: i32, y: i32, z: i32): void {
  const line = <usize>b.z << 2, plane = <usize>b.y * line, channel = <usize>b.x * plane;
  let s0 = v128.load_splat<f64>(b.bias64 + (<usize>c << 3)), s2 = s0, s4 = s0, s6 = s0;
  let w = b.weights64 + <usize>(c * b.channels) * 216, first = b.input + <usize>x * plane + <usize>y * line + (<usize>z << 2);
  for (let n = 0; n < b.channels; n++, first += channel) {
    for (let i = 0, slice = first; i < 3; i++, slice += plane) {
      for (let p = slice, end = slice + 3 * line; p < end; p += line, w += 24) {
        const w0 = v128.load_splat<f64>(w), w1 = v128.load_splat<f64>(w, 8), w2 = v128.load_splat<f64>(w, 16);
        s0 = addRow64(s0, p, w0, w1, w2);
        s2 = addRow64(s2, p + line, w0, w1, w2);
        s4 = addRow64(s4, p + plane, w0, w1, w2);
        s6 = addRow64(s6, p + plane + line, w0, w1, w2);
      }
    }
  }
  if (b.front) {
    let top = f64x2.pmax(f64x2.pmax(s0, s2), f64x2.pmax(s4, s6));
    const largest = max(f64x2.extract_lane(top, 0), f64x2.extract_lane(top, 1));
    top = f64x2.splat(largest);
    const rest = f64x2.pmax(f64x2.pmax(below(s0, top), below(s2, top)), f64x2.pmax(below(s4, top), below(s6, top)));
    if (isOpen(b, c, largest, max(f64x2.extract_lane(rest, 0), f64x2.extract_lane(rest, 1))))
      return decideOpen(b, c, px, py, pz, largest);
  }
  const slope = f64x2.splat(f64.load(b.slopes64 + (<usize>c << 3))), zero = f64x2.splat(0);
  // Values behind the activation.
  const v0 = v128.bitselect(s0, f64x2.mul(s0, slope), f64x2.gt(s0, zero)), v2 = v128.bitselect(s2, f64x2.mul(s2, slope), f64x2.gt(s2, zero));
  const v4 = v128.bitselect(s4, f64x2.mul(s4, slope), f64x2.gt(s4, zero)), v6 = v128.bitselect(s6, f64x2.mul(s6, slope), f64x2.gt(s6, zero));
  let best = f64x2.extract_lane(v0, 0), id = 0, value = f64x2.extract_lane(v0, 1);
  if (value > best) { best = value; id = 1; }
  value = f64x2.extract_lane(v2, 0);
  if (value > best) { best = value; id = 2; }
  value = f64x2.extract_lane(v2, 1);
  if (value > best) { best = value; id = 3; }
  value = f64x2.extract_lane(v4, 0);
  if (value > best) { best = value; id = 4; }
  value = f64x2.extract_lane(v4, 1);
  if (value > best) { best = value; id = 5; }
  value = f64x2.extract_lane(v6, 0);
  if (value > best) { best = value; id = 6; }
  value = f64x2.extract_lane(v6, 1);
  if (value > best) { best = value; id = 7; }
  // Slopes are from 0 to 1: what is above 0 was so before the activation.
  storeCell(b, cellAt(b, c, px, py, pz), best, best > 0 ? id : id | NEGATIVE);
}
/** Sums that are below the largest. */
// @ts-ignore: decorator
@inline
function below(sum: v128, largest: v128): v128 {
  return v128.bitselect(sum, f64x2.splat(-f64.MAX_VALUE), f64x2.lt(sum, largest));
}
/** Adds what a row of four values gives at two positions. */
// @ts-ignore: decorator
@inline
function addRow64(sum: v128, row: usize, w0: v128, w1: v128, w2: v128): v128 {
  sum = f64x2.add(sum, f64x2.mul(w0, f64x2.promote_low_f32x4(v128.load64_zero(row))));
  sum = f64x2.add(sum, f64x2.mul(w1, f64x2.promote_low_f32x4(v128.load64_zero(row, 4))));
  return f64x2.add(sum, f64x2.mul(w2, f64x2.promote_low_f32x4(v128.load64_zero(row, 8))));
}

/** Is a position outside the convolution one of the zeros around it, or skipped? */
export function isZero(b: Block, x: i32, y: i32, z: i32): bool {
  return (
    x >= -b.zeroX && x < b.convX + b.zeroAfterX &&
    y >= -b.zeroY && y < b.convY + b.zeroAfterY &&
    z >= -b.zeroZ && z < b.convZ + b.zeroAfterZ
  );
}

/** One value of the convolution in float64, rounded. */
export function decideValue(b: Block, c: i32, x: i32, y: i32, z: i32): f32 {
  const sum = convolve64(b, c, x, y, z);
  return <f32>(isOpen(b, c, sum, -Infinity) ? convolveFromImage(b, c, x, y, z) : sum);
}

/** Are all values of each channel the same from x0, y0, z0 to in front of x1, y1, z1, as far as these are inside the image? */
function areEqual(b: Block, x0: i32, x1: i32, y0: i32, y1: i32, z0: i32, z1: i32): bool {
  x0 = max(x0, 0); y0 = max(y0, 0); z0 = max(z0, 0);
  x1 = min(x1, b.x); y1 = min(y1, b.y); z1 = min(z1, b.z);
  const last = z1 - 4;
  for (let n = 0; n < b.channels; n++) {
    const channel = b.input + (<usize>(n * b.x * b.y) * <usize>b.z << 2);
    const all = v128.load_splat<f32>(channel + (<usize>((x0 * b.y + y0) * b.z + z0) << 2));
    for (let u = x0; u < x1; u++) {
      for (let v = y0; v < y1; v++) {
        const row = channel + (<usize>((u * b.y + v) * b.z) << 2);
        if (last >= z0) {
          for (let t = z0; ; t = min(t + 4, last)) {
            if (v128.any_true(f32x4.ne(v128.load(row + (<usize>t << 2)), all))) return false;
            if (t == last) break;
          }
        } else {
          for (let t = z0; t < z1; t++) if (f32.load(row + (<usize>t << 2)) != f32x4.extract_lane(all, 0)) return false;
        }
      }
    }
  }
  return true;
}
