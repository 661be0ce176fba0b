import { colourLimit } from "@voxplain/writers";
import type { Drawn } from "./drawn.ts";
import { rangeOf } from "./geometry.ts";
import { oncePerArray } from "./once-per-array.ts";

/** Where the colours of a map end that is shown alone. */
export const ownLimit = oncePerArray(colourLimit);

/**
 * Where the colours of maps end that are shown beside each other. Maps of one method with the same options are
 * compared by their colours, which then mean the same value; of two methods the values have nothing in common.
 * @param end - Where all of them end instead.
 */
export function colourLimits(shown: readonly Pick<Drawn, "map" | "kind">[], end?: number): readonly number[] {
  if (end !== undefined) return shown.map(() => end);
  const own = shown.map(({ map }) => ownLimit(map.data));
  return shown.map((one) => Math.max(...own.filter((_, index) => shown[index]!.kind === one.kind)));
}

/** Values of an anatomy that are drawn black and white. */
export const greyRange = oncePerArray(headRange);

const bins = 4096;

/**
 * The 2nd and 97th percentiles of the head, which is what exceeds a tenth of the robust range (2nd to 98th percentile of the whole
 * image; the rule of FSL's BET, Smith 2002): fat may be white, so that the brain keeps its contrast below a map. From a histogram,
 * since sorting a whole image would stop the page.
 */
function headRange(data: Float32Array): readonly [number, number] {
  const { least, most } = rangeOf(data);
  if (!(most > least)) return [least, least + 1];
  const width = (most - least) / bins;
  const counts = new Uint32Array(bins);
  // By index: an iterator is slow until it is compiled.
  for (let k = 0; k < data.length; k++) {
    // Not finite: it has no bin.
    const bin = Math.min(Math.floor((data[k]! - least) / width), bins - 1);
    if (bin >= 0) counts[bin]!++;
  }
  /** The bin at a share of the values from a bin on. */
  const binAt = (share: number, first = 0) => {
    const own = counts.subarray(first);
    const wanted = share * own.reduce((sum, count) => sum + count, 0);
    let sum = 0;
    const found = own.findIndex((count) => {
      sum += count;
      return sum >= wanted;
    });
    return first + Math.max(found, 0);
  };
  const [low, high] = [binAt(0.02), binAt(0.98)];
  const head = Math.floor(low + 0.1 * (high - low)) + 1;
  if (head >= bins) return [least, most];
  const [black, white] = [binAt(0.02, head), binAt(0.97, head) + 1];
  return [least + black * width, least + white * width];
}
