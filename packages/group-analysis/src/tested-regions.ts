import { elementAt } from "@voxplain/core";
import type { Design } from "./design.ts";
import { falseDiscoveryRate } from "./false-discovery-rate.ts";
import { type Fit, fitMap } from "./fit.ts";
import { voxelVolume } from "./grid.ts";
import type { Statistic } from "./model.ts";
import { type Alternative, columnTest, testedSide } from "./null-distribution.ts";
import { countedP, type PValues, pValues } from "./p-values.ts";
import type { RegionAtlas } from "./regions.ts";
import type { Relabellings } from "./relabellings.ts";
import type { RegionData } from "./row-data.ts";
import type { RowMatrix } from "./row-matrix.ts";
import type { NullDistribution } from "./runners.ts";

/** A region of the comparison. `null` is not available. */
export interface TestedRegion {
  /** Its number in the atlas. */
  readonly index: number;
  /** Its name. */
  readonly name: string;
  /** Voxels in the mask that are finite in all maps. */
  readonly voxels: number;
  /** Their volume, mm³. */
  readonly volume: number;
  /** The mean of its values in A. */
  readonly meanA: number | null;
  /** In B. */
  readonly meanB: number | null;
  /** meanA ÷ meanB: the relevance gain of Böhle et al. 2019 when B are the controls. */
  readonly gain: number | null;
  /** β of the model. */
  readonly difference: number | null;
  /** The statistic that is relabelled. */
  readonly t: number | null;
  /** Effect size. */
  readonly cohensD: number | null;
  /** Effect size, corrected. */
  readonly hedgesG: number | null;
  /** Uncorrected. */
  readonly p: number | null;
  /** The standard error of `p`; null without `CompareOptions.tail`. */
  readonly pError: number | null;
  /** Corrected by the maximum over regions. */
  readonly pFwe: number | null;
  /** The standard error of `pFwe`; null without `CompareOptions.tail`. */
  readonly pFweError: number | null;
  /** Benjamini & Hochberg over the regions tested. */
  readonly qFdr: number | null;
}

export function isTested(y: Float64Array, { model }: Design): boolean {
  const same = model.kind === "one-sample" ? 0 : y[0];
  return y.every((value) => Number.isFinite(value)) && y.some((value) => value !== same);
}

/** How regions are tested. */
interface RegionTest {
  readonly statistic: Statistic;
  readonly alternative: Alternative;
  readonly nulls: NullDistribution;
  readonly order: Relabellings;
  readonly tail: boolean;
  /** By the maximum over regions. */
  readonly corrected: PValues;
}

/** Regions of an atlas, and how many of those tested have a tail that fits. */
export function testedRegions(
  atlas: RegionAtlas,
  data: readonly RegionData[],
  tested: readonly number[],
  matrix: RowMatrix,
  design: Design,
  { statistic, alternative, nulls, order, tail, corrected }: RegionTest,
): { readonly regions: TestedRegion[]; readonly fitted: number } {
  const fit: Fit = fitMap(matrix, design.model);
  const { observed } = columnTest(matrix, { model: design.model, statistic, alternative });
  const values = observed.map((value) => testedSide(value, alternative));
  const own = tail
    ? tested.map((_, at) => pValues(column(nulls.regionStatistics, at, tested.length), order, true))
    : [];
  const pOf = countedP(order, nulls.maxT.length);
  const p = tested.map((_, at) =>
    tail ? elementAt(own, at).of(elementAt(values, at)) : pOf(elementAt(nulls.exceedingRegions, at)),
  );
  const q = falseDiscoveryRate(p);
  const volume = voxelVolume(atlas.grid);
  const regions = atlas.regions.map(({ index, name }, k) => {
    const { voxels, a, b } = elementAt(data, k);
    const at = tested.indexOf(k);
    const meanA = meanOf(a, design.nA);
    const meanB = meanOf(b, design.nB);
    const has = at >= 0;
    const value = has ? elementAt(values, at) : 0;
    return {
      index,
      name,
      voxels,
      volume: voxels * volume,
      meanA,
      meanB,
      gain: meanA !== null && meanB !== null && meanB !== 0 ? meanA / meanB : null,
      difference: has ? elementAt(fit.difference, at) : null,
      t: has ? elementAt(observed, at) : null,
      cohensD: has ? elementAt(fit.cohensD, at) : null,
      hedgesG: has ? (fit.hedgesG?.[at] ?? null) : null,
      p: has ? elementAt(p, at) : null,
      pError: has ? (own[at]?.errorOf(value) ?? null) : null,
      pFwe: has ? corrected.of(value) : null,
      pFweError: has && tail ? corrected.errorOf(value) : null,
      qFdr: has ? elementAt(q, at) : null,
    };
  });
  return { regions, fitted: own.filter(({ tail: found }) => found !== undefined).length };
}

/** A column of a row-major matrix. */
function column(values: Float64Array, at: number, columns: number): Float64Array {
  return Float64Array.from({ length: values.length / columns }, (_, row) =>
    elementAt(values, row * columns + at),
  );
}

/** The mean over the rows that have a value; null unless all `count` rows of the group do. */
function meanOf(values: Float64Array, count: number): number | null {
  const found = values.filter((value) => Number.isFinite(value));
  return count > 0 && found.length === count ? found.reduce((sum, value) => sum + value, 0) / count : null;
}
