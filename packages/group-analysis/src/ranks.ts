import { type SortSpace, sortByKey, sortSpace } from "./radix-sort.ts";

/** Values sorted upwards: which comes when. */
export interface Sorted {
  /** Places in the values, the smallest value first. */
  readonly order: Int32Array;
}

/** Sorts finite float32 values upwards; equal ones (also 0 and −0) keep their order. */
export function sortedOrder(values: Float32Array): Sorted {
  const space: SortSpace = sortSpace(values.length);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) {
    const word = values[i] === 0 ? 0 : bits[i]!;
    // Bits of negative numbers grow the other way.
    space.keys[i] = word >= 2 ** 31 ? ~word : word + 2 ** 31;
    space.payload[i] = i;
  }
  sortByKey(space, values.length);
  return { order: space.payload };
}

/** Ranks from 1; equal values share the middle of theirs. */
export function midranks(values: Float32Array): Float64Array {
  const { order } = sortedOrder(values);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let k = start; k < end; k++) ranks[order[k]!] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}
