import { type Point, sortedOrder, VoxplainError } from "@voxplain/core";
import { float32At, int32At, outside } from "./elements.ts";
import { type Grid, niftiIndex, voxelCenter, voxelCount } from "./grid.ts";

/** How well a map points at a known mask. a = |m|, T the truth, V all voxels. `null` is not available: the map is 0 everywhere. */
export interface Localization {
  /** Σ_T a ÷ Σ a: relevance mass accuracy (Arras et al. 2022). */
  readonly massShare: number | null;
  /** |T| ÷ |V|: what chance gives. */
  readonly volumeShare: number;
  /** The mass share ÷ the volume share. */
  readonly enrichment: number | null;
  /** 1 if the peak of a is within the tolerance of a voxel centre of T, else 0 (Zhang et al. 2018). */
  readonly pointingGame: 0 | 1 | null;
  /** From the peak to the nearest voxel centre of T. */
  readonly peakDistance: number | null;
  /** The probability that a voxel of T has a larger m than one outside, ties one half. */
  readonly auroc: number;
  /** Average precision over distinct values, the largest first; scikit-learn's. */
  readonly auprc: number;
  /** The share of T among the voxels with a ≥ the |T|-th largest a, and a > 0 (Arras et al. 2022). */
  readonly relevanceRank: number | null;
}

/** What counts. */
export interface LocalizationOptions {
  /** Voxels that are not 0 count. Default: all. */
  readonly mask?: ArrayLike<number>;
  /** How far from T the peak may be, mm. Default 0. */
  readonly tolerance?: number;
}

/**
 * Compares a map with a mask of what it should point at, over the finite voxels in the mask.
 * @param map Row-major over the grid, values as chosen (`prepareMap`).
 * @param truth Not 0 where the truth is; on the same grid.
 * @throws VoxplainError `mismatch` if the truth covers no voxel, or all of them.
 */
export function localization(
  map: ArrayLike<number>,
  truth: ArrayLike<number>,
  grid: Grid,
  { mask, tolerance = 0 }: LocalizationOptions = {},
): Localization {
  const total = voxelCount(grid);
  if (map.length !== total || truth.length !== total) {
    throw new VoxplainError(
      "mismatch",
      `the map has ${map.length} voxels, the truth ${truth.length}, and the grid ${total}`,
    );
  }
  const values = new Float32Array(total);
  const inTruth = new Uint8Array(total);
  const indices = new Int32Array(total);
  let n = 0;
  let size = 0;
  for (let v = 0; v < total; v++) {
    const value = map[v];
    if (value === undefined) throw outside(v);
    if (!Number.isFinite(value) || (mask !== undefined && mask[v] === 0)) continue;
    values[n] = value;
    indices[n] = v;
    if (truth[v] !== 0) {
      inTruth[n] = 1;
      size++;
    }
    n++;
  }
  if (size === 0 || size === n) {
    throw new VoxplainError(
      "mismatch",
      size === 0
        ? "the truth covers no voxel of the map: check its affine and the mask"
        : "the truth covers all voxels of the map, so that nothing can be outside it: give a smaller truth or a larger mask",
    );
  }
  const m = values.subarray(0, n);
  const curve = curves(m, inTruth, size);
  const a = m.map(Math.abs);
  let [mass, massInTruth, peak] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const one = float32At(a, i);
    const best = float32At(a, peak);
    mass += one;
    if (inTruth[i] === 1) massInTruth += one;
    if (one > best || (one === best && earlier(grid, int32At(indices, i), int32At(indices, peak)))) peak = i;
  }
  const volumeShare = size / n;
  if (mass === 0) {
    const none = {
      massShare: null,
      enrichment: null,
      pointingGame: null,
      peakDistance: null,
      relevanceRank: null,
    };
    return { ...none, volumeShare, ...curve };
  }
  const massShare = massInTruth / mass;
  const peakDistance = distanceTo(voxelCenter(grid, int32At(indices, peak)), grid, indices, inTruth, n);
  return {
    massShare,
    volumeShare,
    enrichment: massShare / volumeShare,
    pointingGame: peakDistance <= tolerance + 1e-6 ? 1 : 0,
    peakDistance,
    ...curve,
    relevanceRank: relevanceRank(a, inTruth, size),
  };
}

function earlier({ shape }: Grid, one: number, other: number): boolean {
  return niftiIndex(shape, one) < niftiIndex(shape, other);
}

function distanceTo(peak: Point, grid: Grid, indices: Int32Array, inTruth: Uint8Array, n: number): number {
  let nearest = Infinity;
  for (let i = 0; i < n; i++) {
    if (inTruth[i] === 0) continue;
    const [x, y, z] = voxelCenter(grid, int32At(indices, i));
    const square = (x - peak[0]) ** 2 + (y - peak[1]) ** 2 + (z - peak[2]) ** 2;
    if (square < nearest) nearest = square;
  }
  return Math.sqrt(nearest);
}

function relevanceRank(a: Float32Array, inTruth: Uint8Array, size: number): number {
  const cut = float32At(a.toSorted(), a.length - size);
  let found = 0;
  for (const [i, magnitude] of a.entries()) {
    if (inTruth[i] === 1 && magnitude >= cut && magnitude > 0) found++;
  }
  return found / size;
}

/** Both areas in one walk over distinct values, the largest first. */
function curves(
  m: Float32Array,
  inTruth: Uint8Array,
  size: number,
): { readonly auroc: number; readonly auprc: number } {
  const order = sortedOrder(m);
  const valueAt = (rank: number) => float32At(m, int32At(order, rank));
  let [inside, outside, auprc, pairs] = [0, 0, 0, 0];
  for (let end = order.length; end > 0; ) {
    let start = end - 1;
    const value = valueAt(end - 1);
    while (start > 0 && valueAt(start - 1) === value) start--;
    let hits = 0;
    for (let k = start; k < end; k++) if (inTruth[int32At(order, k)] === 1) hits++;
    const misses = end - start - hits;
    pairs += misses * (inside + hits / 2);
    inside += hits;
    outside += misses;
    auprc += (hits / size) * (inside / (inside + outside));
    end = start;
  }
  return { auroc: pairs / (size * (m.length - size)), auprc };
}
