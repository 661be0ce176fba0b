/**
 * The places of the values from the smallest to the largest; equal ones in their order. Radix sort by halves of 16
 * bits: a volume has some millions of voxels, for which comparing by a function takes seconds.
 */
export function sortedOrder(keys: Uint32Array): Uint32Array {
  const lowFirst = sortedBy(keys, identity(keys.length), 0);
  return sortedBy(keys, lowFirst, 16);
}

/** Numbers with the order of the floats; −0 and 0 are the same. */
export function sortKeys(values: Float32Array): Uint32Array {
  const bits = new Uint32Array(Float32Array.from(values, (value) => value + 0).buffer);
  return bits.map((word) => (word >>> 31 === 1 ? ~word : word ^ 0x80000000));
}

function identity(length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, k) => k);
}

function sortedBy(keys: Uint32Array, order: Uint32Array, shift: number): Uint32Array {
  const starts = new Uint32Array(65537);
  for (let k = 0; k < keys.length; k++) starts[((keys[k]! >>> shift) & 0xffff) + 1]! += 1;
  for (let bucket = 0; bucket < 65536; bucket++) starts[bucket + 1]! += starts[bucket]!;
  const result = new Uint32Array(keys.length);
  for (let k = 0; k < order.length; k++) {
    const place = order[k]!;
    result[starts[(keys[place]! >>> shift) & 0xffff]!++] = place;
  }
  return result;
}
