import type { Point } from "@voxplain/core";
import { outside } from "./elements.ts";
import { type Grid, niftiIndex, voxelCenter, voxelVolume } from "./grid.ts";
import { type Connectivity, type Layout, tileLayout } from "./layout.ts";

/** A connected set of voxels beyond the threshold. */
export interface Cluster {
  /** Its number in `ClusterMap.labels`, from 1: by voxels, then by mass. */
  readonly cluster: number;
  /** On which side of 0. */
  readonly sign: "positive" | "negative";
  /** Its size. */
  readonly voxels: number;
  /** In mm³. */
  readonly volume: number;
  /** Σ (|t| − threshold). */
  readonly mass: number;
  /** The value with the largest |t|, signed. */
  readonly peak: number;
  /** The voxel of the peak, as an index of a row-major array. */
  readonly peakIndex: number;
  /** Where the peak is, mm. */
  readonly peakAt: Point;
  /** The mean of the centres of its voxels, mm. */
  readonly center: Point;
}

/** Clusters of a map. */
export interface ClusterMap {
  /** The largest first. */
  readonly clusters: readonly Cluster[];
  /** For each analysed voxel the number of its cluster, or 0. */
  readonly labels: Int32Array;
}

/** How voxels form clusters. */
export interface ClusterOptions {
  /** Default 6. */
  readonly connectivity?: Connectivity;
  /** Which sides count. Default "both". */
  readonly sides?: "both" | "positive" | "negative";
}

/**
 * The connected components of {t > threshold} and {t < −threshold}.
 * @param t Statistic of each voxel, finite.
 * @param grid Where the image's voxels are.
 * @param voxels Indices of the voxels in a row-major array of the shape, each once.
 * @param threshold 0 or more.
 */
export function clusters(
  t: ArrayLike<number>,
  grid: Grid,
  voxels: ArrayLike<number>,
  threshold: number,
  { connectivity = 6, sides = "both" }: ClusterOptions = {},
): ClusterMap {
  const layout = tileLayout(grid.shape, voxels, connectivity);
  const found: (Omit<Cluster, "cluster"> & { readonly members: Int32Array })[] = [];
  const search = clusterSearch(layout);
  for (const side of sides === "both" ? (["positive", "negative"] as const) : [sides]) {
    search.each(t, side === "positive" ? 1 : -1, threshold, (inCluster, mass) => {
      const members = inCluster.slice();
      found.push({ sign: side, mass, members, ...describe(t, grid, voxels, members) });
    });
  }
  found.sort((a, b) => b.voxels - a.voxels || b.mass - a.mass || a.peakIndex - b.peakIndex);
  const labels = new Int32Array(voxels.length);
  found.forEach(({ members }, k) => {
    for (const v of members) labels[v] = k + 1;
  });
  return { clusters: found.map(({ members: _, ...cluster }, k) => ({ cluster: k + 1, ...cluster })), labels };
}

function describe(t: ArrayLike<number>, grid: Grid, voxels: ArrayLike<number>, members: Int32Array) {
  let peak = 0;
  let peakIndex = -1;
  let [sumX, sumY, sumZ] = [0, 0, 0];
  for (const v of members) {
    const value = t[v];
    const index = voxels[v];
    if (value === undefined || index === undefined) throw outside(v);
    const [x, y, z] = voxelCenter(grid, index);
    sumX += x;
    sumY += y;
    sumZ += z;
    const [one, best] = [Math.abs(value), Math.abs(peak)];
    const earlier = () => niftiIndex(grid.shape, index) < niftiIndex(grid.shape, peakIndex);
    if (peakIndex < 0 || one > best || (one === best && earlier())) {
      peak = value;
      peakIndex = index;
    }
  }
  const count = members.length;
  const center: Point = [sumX / count, sumY / count, sumZ / count];
  const peakAt = voxelCenter(grid, peakIndex);
  return { voxels: count, volume: count * voxelVolume(grid), peak, peakIndex, peakAt, center };
}

/** Finds the clusters of any number of maps of one layout, one after the other. */
export interface ClusterSearch {
  /** Calls `visit` with the voxels of each cluster of one side, valid during the call, and its mass. */
  each(
    t: ArrayLike<number>,
    sign: 1 | -1,
    threshold: number,
    visit: (voxels: Int32Array, mass: number) => void,
  ): void;
}

/** @param marks One for each position of the layout, all 0; they are 0 again after each search. */
export function clusterSearch(
  { positions, size, neighbours, connectivity }: Layout,
  marks: Int32Array = new Int32Array(size),
): ClusterSearch {
  // Marks have 1 + the voxel where one is beyond the threshold and not yet in a cluster.
  const stack = new Int32Array(positions.length);
  return {
    each(t, sign, threshold, visit) {
      for (let v = 0; v < positions.length; v++) {
        const value = t[v];
        const position = positions[v];
        if (value === undefined || position === undefined) throw outside(v);
        if (value * sign > threshold) marks[position] = v + 1;
      }
      for (let v = 0; v < positions.length; v++) {
        const value = t[v];
        const start = positions[v];
        if (value === undefined || start === undefined) throw outside(v);
        if (!(value * sign > threshold) || marks[start] === 0) continue;
        let mass = value * sign - threshold;
        marks[start] = 0;
        stack[0] = v;
        let length = 1;
        for (let done = 0; done < length; done++) {
          const voxel = stack[done];
          if (voxel === undefined) throw outside(done);
          const position = positions[voxel];
          if (position === undefined) throw outside(voxel);
          const from = (position & 63) * connectivity;
          for (let k = from; k < from + connectivity; k++) {
            const step = neighbours[k];
            if (step === undefined) throw outside(k);
            const neighbour = position + step;
            const mark = marks[neighbour];
            if (mark === undefined) throw outside(neighbour);
            if (mark === 0) continue;
            const more = t[mark - 1];
            if (more === undefined) throw outside(mark);
            mass += more * sign - threshold;
            marks[neighbour] = 0;
            stack[length++] = mark - 1;
          }
        }
        visit(stack.subarray(0, length), mass);
      }
    },
  };
}
