import { allSteps, type Steps } from "@voxplain/core";
import { clusterSearch } from "./clusters.ts";
import { float64At, outside } from "./elements.ts";
import { type Connectivity, tileLayout } from "./layout.ts";
import { columnBlocks, type ReadStore, type StoredMatrix, sumsOfBlock } from "./matrix-blocks.ts";
import type { Model, Statistic } from "./model.ts";
import { type ColumnSums, columnSums, relabelledStatistics } from "./relabelled-statistics.ts";
import { type Relabelling, type Relabellings, relabellingAt } from "./relabellings.ts";
import type { RowMatrix } from "./row-matrix.ts";
import { sharedFloat64 } from "./shared-memory.ts";
import { componentTree, type TfceExponents } from "./tfce.ts";

/** Which side of 0 is tested: |t|, t or −t. */
export type Alternative = "two-sided" | "greater" | "less";

/** All that a worker needs to compute relabellings: plain data that can be cloned; matrices may be shared. */
export interface RelabellingTask {
  /** What is fitted. */
  readonly model: Model;
  /** Which relabellings there are. */
  readonly relabellings: Relabellings;
  /** What of each is compared. */
  readonly statistic: Statistic;
  /** Which side is tested. */
  readonly alternative: Alternative;
  /** Rows × analysed voxels, in memory or in a store. */
  readonly matrix: RowMatrix | StoredMatrix;
  /** Voxels along the axes. */
  readonly shape: readonly [number, number, number];
  /** Indices of the analysed voxels. */
  readonly voxels: Int32Array;
  /** Which voxels touch. */
  readonly connectivity: Connectivity;
  /** Undefined: no TFCE. */
  readonly tfce: TfceExponents | undefined;
  /** Where clusters begin. */
  readonly clusterThreshold: number;
  /** Rows × tested regions; no columns without an atlas. */
  readonly regions: RowMatrix;
  /** Whether the statistics of regions are kept of every relabelling. */
  readonly keepRegions: boolean;
  /** What does not change from relabelling to relabelling, in shared memory where there is some. Default: computed from the matrix. */
  readonly voxelTest?: ColumnTest;
}

/** What relabelled statistics of each column are computed from and compared with. */
export interface ColumnTest {
  /** Sums over the rows. */
  readonly sums: ColumnSums;
  /** From here on a relabelled statistic reaches the observed one, on the tested side. */
  readonly bars: Float64Array;
}

/** What relabellings `from` to `to` − 1 give. */
export interface RelabellingPart {
  /** The first. */
  readonly from: number;
  /** After the last. */
  readonly to: number;
  /** The largest statistic of each relabelling on the tested side. */
  readonly maxT: Float64Array;
  /** The largest TFCE of each; 0 without TFCE. */
  readonly maxTfce: Float64Array;
  /** The largest cluster of each, in voxels; 0 without one. */
  readonly maxClusterSize: Float64Array;
  /** The largest cluster mass of each. */
  readonly maxClusterMass: Float64Array;
  /** The largest statistic of a region in each. */
  readonly maxRegionT: Float64Array;
  /** For each voxel, how many reach the observed statistic. */
  readonly exceeding: Uint32Array;
  /** For each region, how many reach the observed statistic. */
  readonly exceedingRegions: Uint32Array;
  /** The statistics of all regions on the tested side in each relabelling; empty unless they are kept. */
  readonly regionStatistics: Float64Array;
}

/** How many relabellings are computed while a block of voxels is in the cache; of a store, in one pass over it. */
export const batchLength = 4;

/** T ≥ T₀ holds from here on: relabellings that are equal but for rounding are ties and count. */
export function lowestTie(observed: number): number {
  return observed - 1e-6 * Math.abs(observed);
}

/** What is compared of a statistic: T, −T or |T|. */
export function testedSide(statistic: number, alternative: Alternative): number {
  return alternative === "greater" ? statistic : alternative === "less" ? -statistic : Math.abs(statistic);
}

/**
 * Prepares a task, in a worker or in this thread. The function that it returns computes relabellings `from` to `to` − 1;
 * each depends on its number only, so that any split over any number of workers gives the same result.
 * @param read - Reads the store of the task's matrix; needed only where the matrix is in one.
 */
export function startRelabellings(
  task: RelabellingTask,
  read?: ReadStore,
): (from: number, to: number) => RelabellingPart {
  const steps = relabellingSteps(task, read);
  return (from, to) => allSteps(steps(from, to));
}

/** The same, to be interrupted between relabellings and the sides of each. */
export function relabellingSteps(
  task: RelabellingTask,
  read?: ReadStore,
): (from: number, to: number) => Steps<RelabellingPart> {
  const { model, statistic, alternative, matrix, regions, shape, voxels, connectivity } = task;
  const layout = tileLayout(shape, voxels, connectivity);
  const tree = task.tfce === undefined ? undefined : componentTree(layout);
  const search = clusterSearch(layout, tree?.marks);
  const signs: readonly (1 | -1)[] =
    alternative === "two-sided" ? [1, -1] : alternative === "greater" ? [1] : [-1];
  const voxelTest = task.voxelTest ?? columnTest(matrix, task, read).test;
  const regionTest = columnTest(regions, task).test;
  const statistics = new Float64Array(batchLength * matrix.columns);
  const regionStatistics = new Float64Array(batchLength * regions.columns);
  return function* (from, to) {
    const count = to - from;
    const part: RelabellingPart = {
      from,
      to,
      maxT: new Float64Array(count),
      maxTfce: new Float64Array(count),
      maxClusterSize: new Float64Array(count),
      maxClusterMass: new Float64Array(count),
      maxRegionT: new Float64Array(count),
      exceeding: new Uint32Array(matrix.columns),
      exceedingRegions: new Uint32Array(regions.columns),
      regionStatistics: new Float64Array(task.keepRegions ? count * regions.columns : 0),
    };
    for (let first = from; first < to; first += batchLength) {
      const numbers = Array.from({ length: Math.min(batchLength, to - first) }, (_, k) => first + k);
      const relabelled = numbers.map((number) => relabellingAt(task.relabellings, number));
      inBlocks(matrix, read, model, voxelTest.sums, statistic, relabelled, statistics);
      inBlocks(regions, undefined, model, regionTest.sums, statistic, relabelled, regionStatistics);
      yield;
      for (let k = 0; k < numbers.length; k++) {
        const at = first - from + k;
        part.maxT[at] = compare(voxelTest, alternative, statistics, k, part.exceeding);
        part.maxRegionT[at] = compare(regionTest, alternative, regionStatistics, k, part.exceedingRegions);
        if (task.keepRegions) {
          const found = regionStatistics.subarray(k * regions.columns, (k + 1) * regions.columns);
          part.regionStatistics.set(
            found.map((value) => testedSide(value, alternative)),
            at * regions.columns,
          );
        }
        const t = statistics.subarray(k * matrix.columns, (k + 1) * matrix.columns);
        let size = 0;
        let mass = 0;
        let enhanced = 0;
        for (const sign of signs) {
          search.each(t, sign, task.clusterThreshold, (inCluster, clusterMass) => {
            size = Math.max(size, inCluster.length);
            mass = Math.max(mass, clusterMass);
          });
          if (tree !== undefined && task.tfce !== undefined) {
            enhanced = Math.max(enhanced, tree.enhance(t, sign, task.tfce));
          }
          yield;
        }
        part.maxClusterSize[at] = size;
        part.maxClusterMass[at] = mass;
        part.maxTfce[at] = enhanced;
      }
    }
    return part;
  };
}

/** Statistics of relabellings, block after block. */
function inBlocks(
  matrix: RowMatrix | StoredMatrix,
  read: ReadStore | undefined,
  model: Model,
  sums: ColumnSums,
  statistic: Statistic,
  relabelled: readonly Relabelling[],
  values: Float64Array,
): void {
  for (const block of columnBlocks(matrix, read)) {
    const place = { values, stride: matrix.columns, start: block.start };
    relabelledStatistics(block.matrix, model, sumsOfBlock(sums, block), statistic, relabelled, place);
  }
}

/** The statistic of the rows as they are, computed as those of relabellings are, and what those are compared with. */
export function columnTest(
  matrix: RowMatrix | StoredMatrix,
  { model, statistic, alternative }: Pick<RelabellingTask, "model" | "statistic" | "alternative">,
  read?: ReadStore,
): { readonly test: ColumnTest; readonly observed: Float64Array } {
  const { columns } = matrix;
  const sums = { mean: sharedFloat64(columns), squares: sharedFloat64(columns) };
  for (const { start, matrix: block } of columnBlocks(matrix, read)) {
    const found = columnSums(block, model);
    sums.mean.set(found.mean, start);
    sums.squares.set(found.squares, start);
  }
  const observed = new Float64Array(columns);
  const unchanged = {
    rowOf: Int32Array.from({ length: model.rows }, (_, row) => row),
    signs: new Int8Array(model.rows).fill(1),
  };
  inBlocks(matrix, read, model, sums, statistic, [unchanged], observed);
  const bars = sharedFloat64(columns);
  for (let v = 0; v < columns; v++) bars[v] = lowestTie(testedSide(float64At(observed, v), alternative));
  return { test: { sums, bars }, observed };
}

/** Counts the columns that reach what was observed; returns the largest. */
function compare(
  { bars }: ColumnTest,
  alternative: Alternative,
  statistics: Float64Array,
  k: number,
  exceeding: Uint32Array,
): number {
  const columns = bars.length;
  let largest = columns === 0 ? 0 : -Infinity;
  for (let v = 0; v < columns; v++) {
    const found = statistics[k * columns + v];
    const bar = bars[v];
    const before = exceeding[v];
    if (found === undefined || bar === undefined || before === undefined) throw outside(v);
    const value = testedSide(found, alternative);
    if (value > largest) largest = value;
    if (value >= bar) exceeding[v] = before + 1;
  }
  return largest;
}
