/**
 * Numbers that Python and TypeScript draw alike, bit for bit: see fixtures/networks/portable_random.py.
 *
 * Element `index` of the stream `name` is a 32-bit integer hash of both; its upper 24 bits make a
 * multiple of 2⁻²³ in [−1, 1), which float32 holds exactly.
 */

/** FNV-1a, 32 bits, of the UTF-8 bytes. */
export function streamSeed(name: string): number {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  return seed >>> 0;
}

/** float32: centre + halfWidth · draw, rounded after each operation; elements `from` to `from + count`. */
export function spread(
  name: string,
  count: number,
  centre: number,
  halfWidth: number,
  from = 0,
): Float32Array<ArrayBuffer> {
  const seed = streamSeed(name);
  const values = new Float32Array(count);
  for (let k = 0; k < count; k++) {
    let bits = (Math.imul(from + k, 0x9e3779b9) + seed) | 0;
    bits ^= bits >>> 16;
    bits = Math.imul(bits, 0x85ebca6b);
    bits ^= bits >>> 13;
    bits = Math.imul(bits, 0xc2b2ae35);
    bits ^= bits >>> 16;
    const draw = (bits >>> 8) * 2 ** -23 - 1;
    values[k] = Math.fround(draw * halfWidth) + centre;
  }
  return values;
}
