/** A stream of uniform numbers in [0, 1), the same for the same seed. (mulberry32) */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normal deviates that float32 holds exactly, so that float32 and float64 models get the same numbers. */
export function normals(random: () => number, count: number): number[] {
  return Array.from({ length: count }, () =>
    Math.fround(Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())),
  );
}
