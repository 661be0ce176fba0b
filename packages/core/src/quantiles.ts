import { elementAt } from "./element-at.ts";

/** Finite values in their order, to be asked for single ranks. */
export interface SortedValues {
  /** How many there are. */
  readonly count: number;
  /** How many are at most a number. */
  countUpTo(value: number): number;
  /** The values of some ranks, counted from 0. */
  at(ranks: readonly number[]): number[];
}

/** By their value, or by their distance from 0. */
export type SortOrder = "signed" | "absolute";

/**
 * Counts instead of sorting, which of a full-size brain takes seconds: exact, in one pass by the upper half of the
 * keys, and one for each question by the lower half of those few that it is about.
 */
export function sortedValues(values: Float32Array, order: SortOrder = "signed"): SortedValues {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const signed = order === "signed";
  const upper = new Uint32Array(0x10000);
  const zeros = signed ? countUpper(bits, upper) : countUpperOfAbsolute(bits, upper);
  /** Where zeros are. */
  const zeroKey = keyOf(0, signed);
  upper[zeroKey >>> 16]! += zeros;
  const others = once(() => (2 * zeros > bits.length ? withoutZeros(bits, zeros) : bits));
  // The keys beyond the infinities are NaNs.
  if (signed) upper.fill(0, 0, keyOf(Number.NEGATIVE_INFINITY, signed) / 0x10000 + 1);
  upper.fill(0, keyOf(Number.POSITIVE_INFINITY, signed) >>> 16);
  const sum = (sizes: Uint32Array) => sizes.reduce((total, size) => total + size, 0);
  const count = sum(upper);
  const lowerHalves = (bins: readonly number[]) => {
    const slots = new Int32Array(0x10000).fill(-1);
    const distinct = [...new Set(bins)];
    for (const [slot, bin] of distinct.entries()) slots[bin] = slot;
    const lower = new Uint32Array(0x10000 * distinct.length);
    if (signed) countLower(others(), slots, lower);
    else countLowerOfAbsolute(others(), slots, lower);
    const slot = elementAt(slots, zeroKey >>> 16);
    if (slot >= 0 && others().length < bits.length) lower[0x10000 * slot]! += zeros;
    return (bin: number) => {
      const slot = elementAt(slots, bin);
      return lower.subarray(0x10000 * slot, 0x10000 * (slot + 1));
    };
  };
  return {
    count,
    countUpTo(value) {
      const key = keyOf(value, signed);
      const bin = key >>> 16;
      return sum(upper.subarray(0, bin)) + sum(lowerHalves([bin])(bin).subarray(0, (key & 0xffff) + 1));
    },
    at(ranks) {
      const wanted = ranks.map((rank) => binOf(upper, rank));
      const lower = lowerHalves(wanted.map(({ bin }) => bin));
      return wanted.map(({ bin, rank }) => floatOf((bin << 16) | binOf(lower(bin), rank).bin, signed));
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Signs first, negative numbers upside down. */
function keyOf(value: number, signed: boolean): number {
  const bits = elementAt(new Int32Array(Float32Array.of(value).buffer), 0);
  return signed ? (bits ^ ((bits >> 31) | 0x80000000)) >>> 0 : bits & 0x7fffffff;
}

function floatOf(key: number, signed: boolean): number {
  const bits = !signed ? key : key < 0 ? key ^ 0x80000000 : ~key;
  return elementAt(new Float32Array(Int32Array.of(bits).buffer), 0);
}

// The loops are functions of their own, with integers only: so the engine compiles them well.

// They count zeros apart, for around a head there is nothing else: each count of the same number would wait for the one before it.

function countUpper(bits: Int32Array, into: Uint32Array): number {
  let zeros = 0;
  for (let n = 0; n < bits.length; n++) {
    const b = bits[n]!;
    if (b === 0) zeros++;
    else into[(b ^ ((b >> 31) | 0x80000000)) >>> 16]!++;
  }
  return zeros;
}

function countUpperOfAbsolute(bits: Int32Array, into: Uint32Array): number {
  let zeros = 0;
  for (let n = 0; n < bits.length; n++) {
    const b = bits[n]!;
    if (b === 0) zeros++;
    else into[(b & 0x7fffffff) >>> 16]!++;
  }
  return zeros;
}

function withoutZeros(bits: Int32Array, zeros: number): Int32Array {
  const others = new Int32Array(bits.length - zeros);
  for (let n = 0, to = 0; n < bits.length; n++) {
    const b = bits[n]!;
    if (b !== 0) others[to++] = b;
  }
  return others;
}

function countLower(bits: Int32Array, slots: Int32Array, into: Uint32Array): void {
  for (let n = 0; n < bits.length; n++) {
    const b = bits[n]!;
    const key = b ^ ((b >> 31) | 0x80000000);
    const slot = slots[key >>> 16]!;
    if (slot >= 0) into[(slot << 16) | (key & 0xffff)]!++;
  }
}

function countLowerOfAbsolute(bits: Int32Array, slots: Int32Array, into: Uint32Array): void {
  for (let n = 0; n < bits.length; n++) {
    const key = bits[n]! & 0x7fffffff;
    const slot = slots[key >>> 16]!;
    if (slot >= 0) into[(slot << 16) | (key & 0xffff)]!++;
  }
}

/** The bin that holds the value of a rank, and its rank in there. */
function binOf(sizes: Uint32Array, rank: number): { readonly bin: number; readonly rank: number } {
  let rest = rank;
  for (const [bin, size] of sizes.entries()) {
    if (rest < size || bin === sizes.length - 1) return { bin, rank: rest };
    rest -= size;
  }
  throw new RangeError("there is no value");
}

/**
 * The values that stand at the given fractions (0 to 1) of the sorted finite ones above a threshold, without
 * interpolation: the lower neighbour, as numpy's `quantile(method="lower")`.
 * @returns NaN for each fraction where there is no such value.
 */
export function quantiles(
  sorted: SortedValues,
  fractions: readonly number[],
  above: number = Number.NEGATIVE_INFINITY,
): number[] {
  const below = above === Number.NEGATIVE_INFINITY ? 0 : sorted.countUpTo(above);
  const count = sorted.count - below;
  if (count <= 0) return fractions.map(() => Number.NaN);
  return sorted.at(fractions.map((fraction) => below + Math.floor(fraction * (count - 1))));
}
