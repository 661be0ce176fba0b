import { elementAt, VoxplainError } from "@voxplain/core";
import { type Cluster, clusters } from "./clusters.ts";
import type { Design } from "./design.ts";
import { falseDiscoveryRate } from "./false-discovery-rate.ts";
import { emptyFit, type Fit, fitBlock, fitMap, hasWelch } from "./fit.ts";
import { checkFloat32 } from "./float32-range.ts";
import { type Grid, voxelCount, voxelVolume } from "./grid.ts";
import type { Connectivity } from "./layout.ts";
import { columnBlocks, type ReadStore } from "./matrix-blocks.ts";
import type { Model, Statistic } from "./model.ts";
import { type Alternative, lowestTie, observedStatistics, testedSide } from "./null-distribution.ts";
import { generatorName } from "./random.ts";
import type { RegionAtlas } from "./regions.ts";
import { type Relabellings, relabellings } from "./relabellings.ts";
import {
  type ComparedMaps,
  type RegionData,
  type RowData,
  type RowDataOptions,
  rowData,
} from "./row-data.ts";
import type { RowMatrix } from "./row-matrix.ts";
import { allRelabellings, inThisThread, type NullDistribution, type StartRunner } from "./runners.ts";
import { checkSmoothing } from "./smooth.ts";
import { studentQuantile } from "./student.ts";
import { defaultExponents, type TfceExponents, tfce } from "./tfce.ts";

/** How maps are compared. */
export interface CompareOptions extends RowDataOptions {
  /** What is relabelled. Default "t". */
  readonly statistic?: Statistic;
  /** "greater": A > B. Default "two-sided". */
  readonly alternative?: Alternative;
  /** Relabellings drawn; if no more distinct ones exist, all are enumerated. Default 5000. */
  readonly permutations?: number;
  /** Of the generator: a whole number from 0. Default 0. */
  readonly seed?: number;
  /** Exponents of TFCE, or false for none. Default E 0.5, H 2. */
  readonly tfce?: Partial<TfceExponents> | false;
  /** Which voxels touch. Default 6. */
  readonly connectivity?: Connectivity;
  /** Where clusters begin: beyond the quantile of Student's t, or beyond a value. Default p 0.001; other statistics than t need a value. */
  readonly cluster?:
    | {
        /** Above 0; two-sided, half of it on each side. */
        readonly p: number;
      }
    | {
        /** Of the statistic that is relabelled, from 0. */
        readonly t: number;
      };
  /**
   * Whether drawn relabellings end where no voxel, TFCE value, cluster or region can come below p = 0.05 any more, corrected or of
   * regions uncorrected: after every 100 it is asked. p then counts what was computed. Default false.
   */
  readonly stopEarly?: boolean;
  /** Who computes the relabellings. Default: this thread. The result is the same for any number. */
  readonly runners?: readonly StartRunner[];
}

/** A cluster with its family-wise error. */
export interface TestedCluster extends Cluster {
  /** p of its size. */
  readonly pFweSize: number;
  /** p of its mass. */
  readonly pFweMass: number;
  /** The region at its peak, "outside" for none; undefined without an atlas. */
  readonly region: string | undefined;
}

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
  /** Corrected by the maximum over regions. */
  readonly pFwe: number | null;
  /** Benjamini & Hochberg over the regions tested. */
  readonly qFdr: number | null;
}

/** Values at each analysed voxel; `onGrid` brings them back onto the grid. */
export interface ComparisonMaps {
  /** β of the tested column. */
  readonly difference: Float64Array;
  /** Mean of the prepared rows of A, not adjusted for covariates. */
  readonly meanA: Float64Array;
  /** The same of B; undefined for one sample. */
  readonly meanB: Float64Array | undefined;
  /** Student's t. */
  readonly t: Float64Array;
  /** Welch's t, where it exists. */
  readonly welch: Float64Array | undefined;
  /** Cohen's d. */
  readonly cohensD: Float64Array;
  /** Hedges' g; undefined with 1 degree of freedom. */
  readonly hedgesG: Float64Array | undefined;
  /** TFCE of the statistic that is relabelled; undefined without TFCE. */
  readonly tfce: Float64Array | undefined;
  /** Outside: 1. */
  readonly pUncorrected: Float64Array;
  /** Of the statistic that is relabelled. Outside: 1. */
  readonly pFweT: Float64Array;
  /** Outside: 1. */
  readonly pFweTfce: Float64Array | undefined;
}

/** The maxima of each relabelling; enumerated ones include the unchanged one. */
export interface NullMaxima {
  /** Largest statistic of a voxel. */
  readonly maxT: Float64Array;
  /** Largest TFCE; 0 without TFCE. */
  readonly maxTfce: Float64Array;
  /** Largest cluster, voxels. */
  readonly maxClusterSize: Float64Array;
  /** Largest cluster mass. */
  readonly maxClusterMass: Float64Array;
  /** Largest statistic of a region; empty without an atlas. */
  readonly maxRegionT: Float64Array;
}

/** What a comparison finds. */
export interface Comparison {
  /** Where the maps are. */
  readonly grid: Grid;
  /** Indices of the analysed voxels in a row-major array of the grid. */
  readonly voxels: Int32Array;
  /** Values at the analysed voxels. */
  readonly maps: ComparisonMaps;
  /** Clusters of the statistic that is relabelled, the largest first. */
  readonly clusters: readonly TestedCluster[];
  /** For each analysed voxel the number of its cluster, or 0. */
  readonly clusterLabels: Int32Array;
  /** Regions of the atlas, in its order. */
  readonly regions: readonly TestedRegion[];
  /** The null distributions. */
  readonly null: NullMaxima;
  /** Rows of A. */
  readonly nA: number;
  /** Rows of B. */
  readonly nB: number;
  /** Degrees of freedom. */
  readonly df: number;
  /** Distinct relabellings. */
  readonly distinct: number;
  /** Whether all were enumerated. */
  readonly exact: boolean;
  /** Relabellings computed. */
  readonly permutations: number;
  /** Whether these are fewer than were asked for, because nothing could become significant any more. */
  readonly stoppedEarly: boolean;
  /** Of the generator. */
  readonly seed: number;
  /** The generator and how it is used. */
  readonly generator: string;
  /** Where clusters begin. */
  readonly clusterThreshold: number;
  /** Sentences for the user. */
  readonly warnings: readonly string[];
}

/**
 * Compares two groups of maps, pairs, or one group with 0: statistics and effect sizes at every voxel, p-values by
 * relabelling (uncorrected; corrected by the maximum over voxels, TFCE and clusters), clusters and regions.
 * Every option is checked before the first map is pulled.
 * @throws VoxplainError `invalid-argument` for options that do not go together, `mismatch` if maps do not fit or no voxel is left,
 * `not-finite` for a map that cannot be normalised and for statistics that float32 cannot hold; the signal's reason if it aborts.
 */
export async function compareMaps(input: ComparedMaps, options: CompareOptions = {}): Promise<Comparison> {
  const { design } = input;
  const { statistic = "t", permutations = 5000, seed = 0, runners = [inThisThread] } = options;
  thresholdOf(design, options);
  checkOptions(design, statistic, permutations, seed, exponentsOf(options), runners.length);
  checkSmoothing(input.grid, options.fwhm ?? 0);
  const order = relabellings(design, permutations, seed);
  const data = await rowData(input, options);
  try {
    options.signal?.throwIfAborted();
    return await comparison(input, data, options, order);
  } finally {
    data.store?.remove();
  }
}

async function comparison(
  { design, grid, atlas }: ComparedMaps,
  data: RowData,
  options: CompareOptions,
  order: Relabellings,
): Promise<Comparison> {
  const { statistic = "t", alternative = "two-sided", connectivity = 6, runners = [inThisThread] } = options;
  const clusterThreshold = thresholdOf(design, options);
  const exponents = exponentsOf(options);
  const { seed = 0 } = options;
  const { model } = design;
  const { store } = data;
  const read: ReadStore | undefined = store && ((_, offset, into) => store.read(offset, into));
  const fit = emptyFit(data.matrix.columns, model);
  for (const block of columnBlocks(data.matrix, read)) fitBlock(block.matrix, model, fit, block.start);
  const tested = data.regions.flatMap(({ y }, k) => (isTested(y, design) ? [k] : []));
  const regionMatrix: RowMatrix = {
    data: Float64Array.from({ length: model.rows * tested.length }, (_, at) => {
      const { y } = elementAt(data.regions, elementAt(tested, at % tested.length));
      return elementAt(y, Math.floor(at / tested.length));
    }),
    columns: tested.length,
  };
  const { observed } = observedStatistics(data.matrix, model, statistic, read);
  const sides = { "two-sided": "both", greater: "positive", less: "negative" } as const;
  const shaped = { connectivity, sides: sides[alternative] };
  const enhanced = exponents && tfce(observed, grid.shape, data.voxels, { ...shaped, ...exponents });
  checkFloat32(enhanced, "TFCE", "choose other exponents (--tfce_E, --tfce_H)");
  for (const [name, values] of Object.entries({ ...fit, "mean of A": data.meanA, "mean of B": data.meanB })) {
    checkFloat32(values, `the ${name}`, "bring the maps to one scale first (--normalize)");
  }
  const found = clusters(observed, grid, data.voxels, clusterThreshold, shaped);
  const nulls = await allRelabellings(
    {
      model,
      relabellings: order,
      statistic,
      alternative,
      matrix: data.matrix,
      shape: grid.shape,
      voxels: data.voxels,
      connectivity,
      tfce: exponents,
      clusterThreshold,
      regions: regionMatrix,
    },
    runners,
    options,
    {
      read,
      // A part of an enumeration is no random sample.
      isDecided:
        options.stopEarly && !order.exact
          ? nothingLeft(order.count, alternative, {
              observed,
              enhanced,
              clusters: found.clusters,
              regions: regionMatrix,
              model,
              statistic,
            })
          : undefined,
    },
  );
  const computed = nulls.maxT.length;
  const pOf = (count: number) => (order.exact ? count / order.count : (1 + count) / (1 + computed));
  const corrected = (maxima: Float64Array) => familyWise(maxima, pOf);
  const [pOfT, pOfTfce] = [corrected(nulls.maxT), corrected(nulls.maxTfce)];
  const [pOfSize, pOfMass] = [corrected(nulls.maxClusterSize), corrected(nulls.maxClusterMass)];
  return {
    grid,
    voxels: data.voxels,
    maps: {
      ...fit,
      meanA: data.meanA,
      meanB: data.meanB,
      tfce: enhanced,
      pUncorrected: Float64Array.from(nulls.exceeding, pOf),
      pFweT: observed.map((value) => pOfT(testedSide(value, alternative))),
      pFweTfce: enhanced?.map((value) => pOfTfce(testedSide(value, alternative))),
    },
    clusters: found.clusters.map((cluster) => ({
      ...cluster,
      pFweSize: pOfSize(cluster.voxels),
      pFweMass: pOfMass(cluster.mass),
      region: atlas && regionAt(atlas, cluster.peakIndex),
    })),
    clusterLabels: found.labels,
    regions:
      atlas === undefined
        ? []
        : testedRegions(atlas, data.regions, tested, regionMatrix, design, {
            statistic,
            alternative,
            nulls,
            pOf,
          }),
    null: {
      maxT: nulls.maxT,
      maxTfce: nulls.maxTfce,
      maxClusterSize: nulls.maxClusterSize,
      maxClusterMass: nulls.maxClusterMass,
      maxRegionT: tested.length > 0 ? nulls.maxRegionT : new Float64Array(0),
    },
    nA: design.nA,
    nB: design.nB,
    df: model.df,
    distinct: order.distinct,
    exact: order.exact,
    permutations: computed,
    stoppedEarly: computed < order.count,
    seed,
    generator: generatorName,
    clusterThreshold,
    warnings: [...design.warnings, ...data.warnings, ...coarse(design, order, alternative)],
  };
}

/** Values at some voxels of a grid as a whole image, row-major, float32 as files hold it. */
export function onGrid(
  { grid, voxels }: Pick<Comparison, "grid" | "voxels">,
  values: ArrayLike<number>,
  outside = 0,
): Float32Array {
  const image = new Float32Array(voxelCount(grid)).fill(outside);
  voxels.forEach((index, v) => {
    image[index] = elementAt(values, v);
  });
  return image;
}

function exponentsOf({ tfce }: CompareOptions): TfceExponents | undefined {
  return tfce === false ? undefined : { ...defaultExponents, ...tfce };
}

function thresholdOf({ model }: Design, options: CompareOptions): number {
  const { cluster = { p: 0.001 }, statistic = "t", alternative = "two-sided" } = options;
  if ("t" in cluster) {
    if (Number.isFinite(cluster.t) && cluster.t >= 0) return cluster.t;
    throw new VoxplainError(
      "invalid-argument",
      `the cluster-forming threshold is ${cluster.t}; it has to be a number from 0`,
    );
  }
  if (statistic !== "t") {
    throw new VoxplainError(
      "invalid-argument",
      `clusters of the statistic ${statistic} need a threshold (--cluster_t): a p-value has a quantile for t only`,
    );
  }
  if (!(cluster.p > 0 && cluster.p < 1 && (alternative === "two-sided" || cluster.p <= 0.5))) {
    throw new VoxplainError(
      "invalid-argument",
      `the cluster-forming p is ${cluster.p}; it has to be between 0 and ${alternative === "two-sided" ? 1 : 0.5}`,
    );
  }
  return studentQuantile(alternative === "two-sided" ? cluster.p / 2 : cluster.p, model.df);
}

function checkOptions(
  design: Design,
  statistic: Statistic,
  permutations: number,
  seed: number,
  exponents: TfceExponents | undefined,
  runners: number,
): void {
  const refuse = (message: string): never => {
    throw new VoxplainError("invalid-argument", message);
  };
  if (statistic === "welch" && !hasWelch(design.model)) {
    throw new VoxplainError(
      "mismatch",
      design.model.adjusted
        ? `Welch's t takes no covariates (${design.covariates.join(", ")}): use the statistic t`
        : "Welch's t compares two groups of at least two maps each: use the statistic t",
    );
  }
  if (!(Number.isSafeInteger(permutations) && permutations >= 1)) {
    refuse(`the number of permutations is ${permutations}; it has to be a whole number from 1`);
  }
  if (!(Number.isSafeInteger(seed) && seed >= 0))
    refuse(`the seed is ${seed}; it has to be a whole number from 0`);
  if (
    exponents !== undefined &&
    !(Number.isFinite(exponents.E) && exponents.H > -1 && Number.isFinite(exponents.H))
  ) {
    refuse(
      `the exponents of TFCE are E = ${exponents.E} and H = ${exponents.H}; they have to be numbers, and H above −1`,
    );
  }
  if (runners < 1) refuse("there is no runner to compute relabellings");
}

function isTested(y: Float64Array, { model }: Design): boolean {
  const same = model.kind === "one-sample" ? 0 : y[0];
  return y.every((value) => Number.isFinite(value)) && y.some((value) => value !== same);
}

/** What is tested, as it was observed. */
interface Observed {
  readonly observed: Float64Array;
  readonly enhanced: Float64Array | undefined;
  readonly clusters: readonly Cluster[];
  readonly regions: RowMatrix;
  readonly model: Model;
  readonly statistic: Statistic;
}

/** The p below which something is significant. */
const significant = 0.05;

/**
 * Whether, after some of all relabellings, (1 + #) ÷ (1 + all) of the strongest of everything that is tested is above 0.05 already:
 * the rest can only add to it.
 */
function nothingLeft(
  all: number,
  alternative: Alternative,
  { observed, enhanced, clusters: found, regions, model, statistic }: Observed,
): (sofar: NullDistribution, done: number) => boolean {
  const strongest = (values: Iterable<number>) => {
    let most = 0;
    for (const value of values) most = Math.max(most, value);
    return lowestTie(most);
  };
  const sided = (values: Float64Array) => values.map((value) => testedSide(value, alternative));
  const bars = {
    maxT: strongest(sided(observed)),
    maxTfce: enhanced && strongest(sided(enhanced)),
    maxClusterSize: strongest(found.map(({ voxels }) => voxels)),
    maxClusterMass: strongest(found.map(({ mass }) => mass)),
    maxRegionT:
      regions.columns > 0
        ? strongest(sided(observedStatistics(regions, model, statistic).observed))
        : undefined,
  };
  const isOut = (count: number) => (1 + count) / (1 + all) > significant;
  return (sofar, done) =>
    (Object.keys(bars) as (keyof typeof bars)[]).every((name) => {
      const bar = bars[name];
      return bar === undefined || isOut(sofar[name].subarray(0, done).filter((value) => value >= bar).length);
    }) && sofar.exceedingRegions.every(isOut);
}

/** p of a value by the maxima of all relabellings. */
function familyWise(maxima: Float64Array, pOf: (count: number) => number): (value: number) => number {
  const sorted = maxima.toSorted();
  return (value) => {
    const bar = lowestTie(value);
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (elementAt(sorted, middle) < bar) low = middle + 1;
      else high = middle;
    }
    return pOf(sorted.length - low);
  };
}

function regionAt({ places, regions }: RegionAtlas, index: number): string {
  return regions[elementAt(places, index) - 1]?.name ?? "outside";
}

interface RegionTest {
  readonly statistic: Statistic;
  readonly alternative: Alternative;
  readonly nulls: NullDistribution;
  readonly pOf: (count: number) => number;
}

function testedRegions(
  atlas: RegionAtlas,
  data: readonly RegionData[],
  tested: readonly number[],
  matrix: RowMatrix,
  design: Design,
  { statistic, alternative, nulls, pOf }: RegionTest,
): TestedRegion[] {
  const fit: Fit = fitMap(matrix, design.model);
  const { observed } = observedStatistics(matrix, design.model, statistic);
  const pFwe = familyWise(nulls.maxRegionT, pOf);
  const p = Array.from(nulls.exceedingRegions, pOf);
  const q = falseDiscoveryRate(p);
  const volume = voxelVolume(atlas.grid);
  return atlas.regions.map(({ index, name }, k) => {
    const { voxels, a, b } = elementAt(data, k);
    const at = tested.indexOf(k);
    const meanA = meanOf(a, design.nA);
    const meanB = meanOf(b, design.nB);
    const has = at >= 0;
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
      pFwe: has ? pFwe(testedSide(elementAt(observed, at), alternative)) : null,
      qFdr: has ? elementAt(q, at) : null,
    };
  });
}

/** The mean over the rows that have a value; null unless all `count` rows of the group do. */
function meanOf(values: Float64Array, count: number): number | null {
  const found = values.filter((value) => Number.isFinite(value));
  return count > 0 && found.length === count ? found.reduce((sum, value) => sum + value, 0) / count : null;
}

function coarse({ model, nA, nB }: Design, { distinct }: Relabellings, alternative: Alternative): string[] {
  // Without covariates, exchanging equal groups or all signs gives the same |t|.
  const mirrored =
    alternative === "two-sided" && !model.adjusted && (model.kind === "one-sample" || nA === nB);
  const smallest = (mirrored ? 2 : 1) / distinct;
  if (smallest <= 0.05) return [];
  return [
    `only ${distinct} distinct relabellings exist, so that no p can be below ${smallest.toPrecision(2)}: add maps`,
  ];
}
