import { type SortSpace, sortByKey, sortSpace } from "./radix-sort.ts";

/** Numbers with the order of the floats; −0 and 0 are the same. NaNs come last, or first where their sign is set. */
export function sortKeys(values: Float32Array): Uint32Array {
  // Adding 0 turns −0 into 0.
  const floats = values.map((value) => value + 0);
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  // Bits of negative numbers grow the other way.
  return bits.map((word) => (word >>> 31 === 1 ? ~word : word ^ 0x80000000));
}

/** Keys in their order, each with the place where it was; equal ones in the order of their places. */
function sorted(keys: Uint32Array): SortSpace {
  const space = sortSpace(keys.length);
  space.keys.set(keys);
  for (let place = 0; place < keys.length; place++) space.payload[place] = place;
  sortByKey(space, keys.length);
  return space;
}

/** The places of keys from the smallest to the largest; equal ones in their order. */
export function orderOfKeys(keys: Uint32Array): Int32Array {
  return sorted(keys).payload;
}

/** The places of values from the smallest to the largest; equal ones, also 0 and −0, in their order. */
export function sortedOrder(values: Float32Array): Int32Array {
  return orderOfKeys(sortKeys(values));
}

/** Ranks from 1; equal values share the middle of theirs. */
export function midranks(values: Float32Array): Float64Array {
  const { keys, payload: order } = sorted(sortKeys(values));
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < keys.length; ) {
    let end = start + 1;
    while (end < keys.length && keys[end] === keys[start]) end++;
    const rank = (start + 1 + end) / 2;
    for (let k = start; k < end; k++) ranks[order[k]!] = rank;
    start = end;
  }
  return ranks;
}
