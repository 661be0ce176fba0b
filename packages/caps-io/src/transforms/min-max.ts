/** What one pass over an image shows. NaN takes no part in the extremes. */
export interface Extremes {
  /** The smallest value. */
  readonly low: number;
  /** The greatest value. */
  readonly high: number;
  /** Values that are NaN or infinite. */
  readonly notFinite: number;
}

/** The extremes of the values of an image. */
export function extremes(data: Float32Array): Extremes {
  const { low, high, hasZero } = extremeKeys(new Int32Array(data.buffer, data.byteOffset, data.length));
  if (high < low && !hasZero) return careful(data);
  const [least, most] = hasZero ? [Math.min(low, 0), Math.max(high, 0)] : [low, high];
  // NaN and the infinities are beyond the finite numbers.
  if (most >= infiniteKey || least <= ~infiniteKey) return careful(data);
  // Adding 0 turns −0 into 0; comparisons treat both alike.
  return { low: numberOf(least) + 0, high: numberOf(most) + 0, notFinite: 0 };
}

const infiniteKey = 0x7f800000;

/**
 * The extremes of the bits of numbers as whole numbers in the order of the numbers, which takes half as long as by `Math.min`: four at a time,
 * and four zeros, as around a head, at a glance.
 */
function extremeKeys(bits: Int32Array): {
  readonly low: number;
  readonly high: number;
  readonly hasZero: boolean;
} {
  let low = 0x7fffffff;
  let high = -0x80000000;
  let hasZero = false;
  const whole = bits.length - (bits.length % 4);
  for (let k = 0; k < whole; k += 4) {
    const a = bits[k]!;
    const b = bits[k + 1]!;
    const c = bits[k + 2]!;
    const d = bits[k + 3]!;
    if ((a | b | c | d) === 0) {
      hasZero = true;
      continue;
    }
    const keyA = a ^ ((a >> 31) & 0x7fffffff);
    const keyB = b ^ ((b >> 31) & 0x7fffffff);
    const keyC = c ^ ((c >> 31) & 0x7fffffff);
    const keyD = d ^ ((d >> 31) & 0x7fffffff);
    if (keyA < low) low = keyA;
    if (keyA > high) high = keyA;
    if (keyB < low) low = keyB;
    if (keyB > high) high = keyB;
    if (keyC < low) low = keyC;
    if (keyC > high) high = keyC;
    if (keyD < low) low = keyD;
    if (keyD > high) high = keyD;
  }
  for (let k = whole; k < bits.length; k++) {
    const key = bits[k]! ^ ((bits[k]! >> 31) & 0x7fffffff);
    if (key < low) low = key;
    if (key > high) high = key;
  }
  return { low, high, hasZero };
}

function numberOf(key: number): number {
  return new Float32Array(Int32Array.of(key ^ ((key >> 31) & 0x7fffffff)).buffer)[0]!;
}

function careful(data: Float32Array): Extremes {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let notFinite = 0;
  for (let k = 0; k < data.length; k++) {
    const value = data[k]!;
    if (value < low) low = value;
    if (value > high) high = value;
    if (value - value !== 0) notFinite++;
  }
  return { low, high, notFinite };
}

/**
 * (x − low) / (high − low) into another array or into `data` itself, every step rounded to float32 as
 * PyTorch does. Where low and high are the same it would divide by zero, and gives zeros.
 * @returns whether the image was constant.
 */
export function rescale(data: Float32Array, { low, high }: Extremes, into: Float32Array): boolean {
  if (!(low < high)) {
    into.fill(0);
    return true;
  }
  const range = Math.fround(high - low);
  if (low === 0) rescaleFromZero(data, range, into);
  else for (let k = 0; k < data.length; k++) into[k] = Math.fround(data[k]! - low) / range;
  return false;
}

/** Zeros, as around a head, stay what they are: four of them are seen at a glance. */
function rescaleFromZero(data: Float32Array, range: number, into: Float32Array): void {
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
  const whole = data.length - (data.length % 4);
  for (let k = 0; k < whole; k += 4) {
    if ((bits[k]! | bits[k + 1]! | bits[k + 2]! | bits[k + 3]!) === 0) {
      into[k] = 0;
      into[k + 1] = 0;
      into[k + 2] = 0;
      into[k + 3] = 0;
      continue;
    }
    into[k] = data[k]! / range;
    into[k + 1] = data[k + 1]! / range;
    into[k + 2] = data[k + 2]! / range;
    into[k + 3] = data[k + 3]! / range;
  }
  for (let k = whole; k < data.length; k++) into[k] = data[k]! / range;
}

/**
 * (x − min) / (max − min) in place, in float32: the same bits as PyTorch, where a NaN makes everything
 * NaN, too. Only a constant image differs: it becomes zeros.
 * @returns whether the image was constant.
 */
export function minMaxInPlace(data: Float32Array): boolean {
  const found = extremes(data);
  if (found.notFinite > 0 && data.some(Number.isNaN)) {
    data.fill(Number.NaN);
    return false;
  }
  return rescale(data, found, data);
}
