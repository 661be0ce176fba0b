const bits = 11;
const buckets = 1 << bits;
const low = buckets - 1;

/** Room for sorting up to `length` keys. */
export interface SortSpace {
  /** Keys to sort, and then sorted. */
  keys: Uint32Array;
  /** What goes with each key. */
  payload: Int32Array;
  /** Keys between two passes. */
  otherKeys: Uint32Array;
  /** What goes with them. */
  otherPayload: Int32Array;
  /** Keys of each bucket, for each pass. */
  readonly counts: Uint32Array;
}

/** Allocates the room once. */
export function sortSpace(length: number): SortSpace {
  return {
    keys: new Uint32Array(length),
    payload: new Int32Array(length),
    otherKeys: new Uint32Array(length),
    otherPayload: new Int32Array(length),
    counts: new Uint32Array(3 * buckets),
  };
}

/** Sorts the first `length` keys upwards, stably, with their payload: least significant digit first, 11 bits at a time. */
export function sortByKey(space: SortSpace, length: number): void {
  const { counts } = space;
  counts.fill(0);
  let { keys, payload, otherKeys, otherPayload } = space;
  for (let i = 0; i < length; i++) {
    const key = keys[i]!;
    const first = key & low;
    const second = buckets + ((key >>> bits) & low);
    const third = 2 * buckets + (key >>> (2 * bits));
    counts[first] = counts[first]! + 1;
    counts[second] = counts[second]! + 1;
    counts[third] = counts[third]! + 1;
  }
  for (let digit = 0; digit < 3; digit++) {
    const from = digit * buckets;
    let sum = 0;
    for (let k = from; k < from + buckets; k++) {
      const count = counts[k]!;
      counts[k] = sum;
      sum += count;
    }
    const shift = digit * bits;
    for (let i = 0; i < length; i++) {
      const key = keys[i]!;
      const bucket = from + ((key >>> shift) & low);
      const to = counts[bucket]!;
      counts[bucket] = to + 1;
      otherKeys[to] = key;
      otherPayload[to] = payload[i]!;
    }
    [keys, otherKeys] = [otherKeys, keys];
    [payload, otherPayload] = [otherPayload, payload];
  }
  space.keys = keys;
  space.payload = payload;
  space.otherKeys = otherKeys;
  space.otherPayload = otherPayload;
}
