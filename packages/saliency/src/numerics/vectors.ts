// Loops over the values of inputs, maps and gradients, in float64. Each is a function of its own, with arrays of certain
// types as parameters: the engine compiles such loops well, and nine times slower where an element is read by a function.
// Arrays that are read together are as long as the first one needs.

/** sum += weight · values[from …], over the whole sum. Four at a time take half as long as one. */
export function addScaled(sum: Float64Array, values: Float32Array, from: number, weight: number): void {
  const whole = sum.length - (sum.length % 4);
  for (let k = 0; k < whole; k += 4) {
    sum[k]! += weight * values[from + k]!;
    sum[k + 1]! += weight * values[from + k + 1]!;
    sum[k + 2]! += weight * values[from + k + 2]!;
    sum[k + 3]! += weight * values[from + k + 3]!;
  }
  for (let k = whole; k < sum.length; k++) sum[k]! += weight * values[from + k]!;
}

/** sum += values */
export function addSum(sum: Float64Array, values: Float64Array): void {
  for (let k = 0; k < sum.length; k++) sum[k]! += values[k]!;
}

/** sum += values. Four zeros, as around a head, are seen at a glance where the bytes can be read as words. */
export function addBytes(sum: Uint32Array, values: Uint8Array): void {
  const count = values.byteOffset % 4 === 0 ? Math.floor(sum.length / 4) : 0;
  const words = count === 0 ? new Uint32Array() : new Uint32Array(values.buffer, values.byteOffset, count);
  for (let n = 0, k = 0; n < count; n++, k += 4) {
    if (words[n] === 0) continue;
    sum[k]! += values[k]!;
    sum[k + 1]! += values[k + 1]!;
    sum[k + 2]! += values[k + 2]!;
    sum[k + 3]! += values[k + 3]!;
  }
  for (let k = 4 * count; k < sum.length; k++) sum[k]! += values[k]!;
}

/** sum += values */
export function addCounts(sum: Uint32Array, values: Uint32Array): void {
  for (let k = 0; k < sum.length; k++) sum[k]! += values[k]!;
}

/** sum[at …] += weight · values[from …], `length` of them, in float64. */
export function addRun(
  sum: Float64Array,
  at: number,
  values: Float64Array,
  from: number,
  length: number,
  weight: number,
): void {
  for (let k = 0; k < length; k++) sum[at + k]! += weight * values[from + k]!;
}

/**
 * sum += values[from …] · factors.
 * @returns The sum of the products.
 */
export function addProducts(
  sum: Float64Array,
  values: Float32Array,
  from: number,
  factors: Float32Array,
): number {
  let added = 0;
  for (let k = 0; k < sum.length; k++) {
    const product = values[from + k]! * factors[k]!;
    sum[k]! += product;
    added += product;
  }
  return added;
}

/** sum += values². */
export function addSquares(sum: Float64Array, values: Float32Array): void {
  for (let k = 0; k < sum.length; k++) sum[k]! += values[k]! ** 2;
}

export function total(values: Float64Array | Float32Array): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k]!;
  return sum;
}

/** start − Σ aₖ · bₖ over the first `count`, one after the other. */
export function minusProducts(start: number, a: Float64Array, b: Float64Array, count: number): number {
  let value = start;
  for (let k = 0; k < count; k++) value -= a[k]! * b[k]!;
  return value;
}

/** values / divisor, rounded to float32 once. */
export function divided(values: Float64Array, divisor: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let k = 0; k < values.length; k++) result[k] = values[k]! / divisor;
  return result;
}

/** values / divisor, rounded to float32 once. */
export function dividedCounts(values: Uint32Array, divisor: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let k = 0; k < values.length; k++) result[k] = values[k]! / divisor;
  return result;
}

/** values · (to − from), in place. */
export function multiplyByDifference(values: Float64Array, to: Float32Array, from: Float32Array): void {
  for (let k = 0; k < values.length; k++) values[k]! *= to[k]! - from[k]!;
}

/**
 * Writes values · (to − from), rounded to float32.
 * @returns The sum of the products.
 */
export function timesDifference(
  values: Float64Array | Float32Array,
  to: Float32Array,
  from: Float32Array,
  into: Float32Array,
): number {
  let sum = 0;
  for (let k = 0; k < into.length; k++) {
    const product = values[k]! * (to[k]! - from[k]!);
    into[k] = product;
    sum += product;
  }
  return sum;
}

/** Writes to − from. */
export function subtract(to: Float32Array, from: Float32Array, into: Float32Array): void {
  for (let k = 0; k < into.length; k++) into[k] = to[k]! - from[k]!;
}

/** Writes the point at `position` on the line from 0 (`from`) to 1 (`to`). Eight at a time take half as long as one. */
export function interpolate(
  from: Float32Array,
  to: Float32Array,
  position: number,
  into: Float32Array,
): void {
  // The other way round it would be rounded.
  if (position === 1) {
    into.set(to);
    return;
  }
  const whole = into.length - (into.length % 8);
  for (let k = 0; k < whole; k += 8) {
    const a = from[k]!;
    const b = from[k + 1]!;
    const c = from[k + 2]!;
    const d = from[k + 3]!;
    const e = from[k + 4]!;
    const f = from[k + 5]!;
    const g = from[k + 6]!;
    const h = from[k + 7]!;
    into[k] = a + position * (to[k]! - a);
    into[k + 1] = b + position * (to[k + 1]! - b);
    into[k + 2] = c + position * (to[k + 2]! - c);
    into[k + 3] = d + position * (to[k + 3]! - d);
    into[k + 4] = e + position * (to[k + 4]! - e);
    into[k + 5] = f + position * (to[k + 5]! - f);
    into[k + 6] = g + position * (to[k + 6]! - g);
    into[k + 7] = h + position * (to[k + 7]! - h);
  }
  for (let k = whole; k < into.length; k++) into[k] = from[k]! + position * (to[k]! - from[k]!);
}

/** The same from 0 everywhere, but for position 1: with the same bits in two thirds of the time. */
export function interpolateFromZero(to: Float32Array, position: number, into: Float32Array): void {
  const whole = into.length - (into.length % 4);
  // Adding 0 makes 0 of −0, as 0 + position · (−0 − 0) is.
  for (let k = 0; k < whole; k += 4) {
    into[k] = position * to[k]! + 0;
    into[k + 1] = position * to[k + 1]! + 0;
    into[k + 2] = position * to[k + 2]! + 0;
    into[k + 3] = position * to[k + 3]! + 0;
  }
  for (let k = whole; k < into.length; k++) into[k] = position * to[k]! + 0;
}

/** Σ and L2 norm of the map integral · (to − from). */
export function alongPath(
  integral: Float64Array,
  from: Float32Array,
  to: Float32Array,
): { readonly total: number; readonly norm: number } {
  let [total, squares] = [0, 0];
  for (let k = 0; k < integral.length; k++) {
    const value = integral[k]! * (to[k]! - from[k]!);
    total += value;
    squares += value ** 2;
  }
  return { total, norm: Math.sqrt(squares) };
}

/** Writes values + scale · noise. */
export function addNoise(values: Float32Array, scale: number, noise: Float64Array, into: Float32Array): void {
  for (let k = 0; k < into.length; k++) into[k] = values[k]! + scale * noise[k]!;
}

/** ‖a − b‖. */
export function distance(a: Float32Array, b: Float32Array): number {
  let squares = 0;
  for (let k = 0; k < a.length; k++) squares += (a[k]! - b[k]!) ** 2;
  return Math.sqrt(squares);
}
