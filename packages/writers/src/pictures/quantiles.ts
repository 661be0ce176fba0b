/**
 * The values that stand at the given fractions (0 to 1) of the sorted finite ones above a threshold, without
 * interpolation: the lower neighbour, as numpy's `quantile(method="lower")`. Exact, in a few passes and 512 kB,
 * where sorting a full-size brain takes seconds: the upper half of a float32's bits first, then the lower.
 * @returns NaN for each fraction where there is no such value.
 */
export function quantiles(
  values: Float32Array,
  fractions: readonly number[],
  above: number = Number.NEGATIVE_INFINITY,
): number[] {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const upper = new Uint32Array(0x10000);
  let count = 0;
  for (let n = 0; n < bits.length; n++) {
    if (!isCounted(values[n]!, above)) continue;
    upper[sortable(bits[n]!) >>> 16]!++;
    count++;
  }
  return fractions.map((fraction) => {
    if (count === 0) return Number.NaN;
    const rank = Math.floor(fraction * (count - 1));
    const high = binOf(upper, rank);
    const lower = new Uint32Array(0x10000);
    for (let n = 0; n < bits.length; n++) {
      const key = sortable(bits[n]!);
      if (key >>> 16 === high.bin && isCounted(values[n]!, above)) lower[key & 0xffff]!++;
    }
    return floatOf(((high.bin << 16) | binOf(lower, rank - high.before).bin) >>> 0);
  });
}

/** Turns the bits of a float32 so that they sort like the numbers: signs first, negative ones upside down. */
function sortable(bits: number): number {
  return (bits & 0x80000000 ? ~bits : bits | 0x80000000) >>> 0;
}

function floatOf(key: number): number {
  const bits = key & 0x80000000 ? key ^ 0x80000000 : ~key;
  return new Float32Array(Uint32Array.of(bits >>> 0).buffer)[0]!;
}

function isCounted(value: number, above: number): boolean {
  return value > above && value < Number.POSITIVE_INFINITY;
}

function binOf(sizes: Uint32Array, rank: number): { readonly bin: number; readonly before: number } {
  let before = 0;
  let bin = 0;
  while (bin < sizes.length - 1 && before + sizes[bin]! <= rank) before += sizes[bin++]!;
  return { bin, before };
}
