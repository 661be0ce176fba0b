import { type SortSpace, sortByKey, sortSpace } from "./radix-sort.ts";

/** Numbers with the order of the floats; −0 and 0 are the same. NaNs come last, or first where their sign is set. */
export function sortKeys(values: Float32Array): Uint32Array {
  // Adding 0 turns −0 into 0.
  const floats = values.map((value) => value + 0);
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  // Bits of negative numbers grow the other way.
  return bits.map((word) => (word >>> 31 === 1 ? ~word : word ^ 0x80000000));
}

/** The places of keys from the smallest to the largest; equal ones in their order. */
export function orderOfKeys(keys: Uint32Array): Int32Array {
  const space: SortSpace = sortSpace(keys.length);
  space.keys.set(keys);
  for (const place of keys.keys()) space.payload[place] = place;
  sortByKey(space, keys.length);
  return space.payload;
}

/** The places of values from the smallest to the largest; equal ones, also 0 and −0, in their order. */
export function sortedOrder(values: Float32Array): Int32Array {
  return orderOfKeys(sortKeys(values));
}

/** Ranks from 1; equal values share the middle of theirs. */
export function midranks(values: Float32Array): Float64Array {
  const order = sortedOrder(values);
  const sorted = Float32Array.from(order, (place) => values[place] ?? Number.NaN);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && sorted[end] === sorted[start]) end++;
    for (const place of order.subarray(start, end)) ranks[place] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}
