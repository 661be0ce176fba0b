/** Numbers from 0 to 1, the same for a seed in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Integers at which lengths, counts and types change their meaning. */
const interesting = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

/** A copy of the bytes with one to four changes, as a bad disk, a bad download or a bad person makes them. */
export function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
  let result = new Uint8Array(bytes);
  const below = (limit: number) => Math.floor(random() * limit);
  const changes = 1 + below(4);
  for (let k = 0; k < changes && result.length > 0; k++) result = changed(result, below);
  return result;
}

function changed(bytes: Uint8Array<ArrayBuffer>, below: (limit: number) => number): Uint8Array<ArrayBuffer> {
  const at = below(bytes.length);
  const length = Math.min(1 + below(64), bytes.length - at);
  switch (below(7)) {
    case 0:
      bytes[at] = bytes[at]! ^ (1 << below(8));
      return bytes;
    case 1:
      bytes[at] = below(256);
      return bytes;
    case 2: {
      const value = interesting[below(interesting.length)]!;
      for (let k = 0; k < 4 && at + k < bytes.length; k++) bytes[at + k] = value >>> (8 * k);
      return bytes;
    }
    case 3:
      return bytes.slice(0, at);
    case 4:
      return joined(bytes.subarray(0, at), bytes.subarray(at + length));
    case 5:
      return joined(bytes.subarray(0, at + length), bytes.subarray(at));
    default:
      return bytes.fill(below(2) * 255, at, at + length);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(first.length + second.length);
  result.set(first);
  result.set(second, first.length);
  return result;
}
