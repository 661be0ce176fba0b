import { VoxplainError } from "@voxplain/core";
import { outside } from "./elements.ts";
import type { RunOptions } from "./run-options.ts";

/** A mean of maps that come one after the other. */
export interface RunningMean {
  /** How many maps were added. */
  readonly maps: number;
  /** Adds one map; its missing voxels (NaN, ±∞) do not count. */
  add(map: ArrayLike<number>): void;
  /** The mean at each voxel over the maps that are finite there; NaN where none is. */
  mean(): Float64Array;
}

/** Starts a mean over maps of so many voxels: 12 bytes a voxel, however many maps come. */
export function runningMean(voxels: number): RunningMean {
  const sums = new Float64Array(voxels);
  const counts = new Uint32Array(voxels);
  let maps = 0;
  return {
    get maps() {
      return maps;
    },
    add(map) {
      if (map.length !== voxels) {
        throw new VoxplainError("mismatch", `a map has ${map.length} voxels, and the first one ${voxels}`);
      }
      for (let v = 0; v < voxels; v++) {
        const m = map[v];
        const sum = sums[v];
        const count = counts[v];
        if (m === undefined || sum === undefined || count === undefined) throw outside(v);
        if (!Number.isFinite(m)) continue;
        sums[v] = sum + m;
        counts[v] = count + 1;
      }
      maps++;
    },
    // 0 ÷ 0 is NaN.
    mean: () =>
      sums.map((sum, v) => {
        const count = counts[v];
        if (count === undefined) throw outside(v);
        return sum / count;
      }),
  };
}

/**
 * The mean at each voxel over the maps that are finite there; NaN where none is. Sums are float64, in the order of the maps.
 * @throws VoxplainError `not-found` without maps, `mismatch` for maps of different lengths.
 */
export async function meanMap(
  maps: AsyncIterable<ArrayLike<number>> | Iterable<ArrayLike<number>>,
  { signal, onProgress }: RunOptions = {},
): Promise<Float64Array> {
  let mean: RunningMean | undefined;
  for await (const map of maps) {
    signal?.throwIfAborted();
    mean ??= runningMean(map.length);
    mean.add(map);
    onProgress?.({ phase: "maps", done: mean.maps });
  }
  if (mean === undefined) throw new VoxplainError("not-found", "there is no map to average");
  return mean.mean();
}
