import { VoxplainError } from "@voxplain/core";
import { outside } from "./elements.ts";
import { runningMean } from "./mean-map.ts";
import type { RunOptions } from "./run-options.ts";

/** How a cohort's maps resemble each other. `null` is not available. */
export interface Typicality {
  /** The mean at each voxel over the maps that are finite there; NaN where none is. */
  readonly mean: Float64Array;
  /** For each map: Pearson's correlation with the mean of all other maps; null for a constant map and for a single one. */
  readonly correlation: readonly (number | null)[];
  /** For each map: the mean of |m| over its finite voxels; null where none is finite. */
  readonly strength: readonly (number | null)[];
}

/**
 * How typical each map of a cohort is: its correlation, over voxels, with the mean of all the other maps. For that mean each map is
 * divided by the mean of its |m|, so that no session decides it by its scale. Voxels that are missing in a map (NaN, ±∞), or in all
 * others, do not count for it. The maps are pulled twice, one after the other.
 * @param maps - Gives the same maps each time it is called.
 * @throws VoxplainError `not-found` without maps, `mismatch` for maps of different lengths.
 */
export async function typicality(
  maps: () => AsyncIterable<ArrayLike<number>> | Iterable<ArrayLike<number>>,
  { signal, onProgress }: RunOptions = {},
): Promise<Typicality> {
  let sums: { plain: ReturnType<typeof runningMean>; scaled: Float64Array; counts: Uint32Array } | undefined;
  const strength: (number | null)[] = [];
  for await (const map of maps()) {
    signal?.throwIfAborted();
    const { length } = map;
    sums ??= {
      plain: runningMean(length),
      scaled: new Float64Array(length),
      counts: new Uint32Array(length),
    };
    sums.plain.add(map);
    const own = meanSize(map);
    strength.push(own);
    if (own !== null && own > 0) addScaled(sums, map, own);
    onProgress?.({ phase: "maps", done: strength.length });
  }
  if (sums === undefined) throw new VoxplainError("not-found", "there is no map to average");
  const correlation: (number | null)[] = [];
  for await (const map of maps()) {
    signal?.throwIfAborted();
    correlation.push(withOthers(sums, map, strength[correlation.length] ?? null));
    onProgress?.({ phase: "maps", done: strength.length + correlation.length, total: 2 * strength.length });
  }
  return { mean: sums.plain.mean(), correlation, strength };
}

function meanSize(map: ArrayLike<number>): number | null {
  let [sum, count] = [0, 0];
  for (let v = 0; v < map.length; v++) {
    const m = map[v];
    if (m === undefined) throw outside(v);
    if (!Number.isFinite(m)) continue;
    sum += Math.abs(m);
    count++;
  }
  return count === 0 ? null : sum / count;
}

interface ScaledSums {
  readonly scaled: Float64Array;
  readonly counts: Uint32Array;
}

function addScaled({ scaled, counts }: ScaledSums, map: ArrayLike<number>, size: number): void {
  for (let v = 0; v < map.length; v++) {
    const m = map[v];
    const sum = scaled[v];
    const count = counts[v];
    if (m === undefined || sum === undefined || count === undefined) throw outside(v);
    if (!Number.isFinite(m)) continue;
    scaled[v] = sum + m / size;
    counts[v] = count + 1;
  }
}

/** Two passes: sums of squares about 0 would lose the digits that the correlation is made of. */
function withOthers(
  { scaled, counts }: ScaledSums,
  map: ArrayLike<number>,
  size: number | null,
): number | null {
  if (size === null || size === 0) return null;
  let [n, meanX, meanY] = [0, 0, 0];
  let first: readonly [x: number, y: number] | undefined;
  const varies = { x: false, y: false };
  const eachVoxel = (use: (x: number, y: number) => void) => {
    for (let v = 0; v < map.length; v++) {
      const m = map[v];
      const sum = scaled[v];
      const count = counts[v];
      if (m === undefined || sum === undefined || count === undefined) throw outside(v);
      if (!Number.isFinite(m) || count < 2) continue;
      const x = m / size;
      use(x, (sum - x) / (count - 1));
    }
  };
  eachVoxel((x, y) => {
    first ??= [x, y];
    varies.x ||= x !== first[0];
    varies.y ||= y !== first[1];
    n++;
    meanX += x;
    meanY += y;
  });
  // Rounding would give a constant map a variance.
  if (!varies.x || !varies.y) return null;
  meanX /= n;
  meanY /= n;
  let [xx, yy, xy] = [0, 0, 0];
  eachVoxel((x, y) => {
    xx += (x - meanX) ** 2;
    yy += (y - meanY) ** 2;
    xy += (x - meanX) * (y - meanY);
  });
  return Math.max(-1, Math.min(1, xy / (Math.sqrt(xx) * Math.sqrt(yy))));
}
