import { elementAt, VoxplainError } from "@voxplain/core";
import { type Cluster, clusters } from "./clusters.ts";
import type { Design } from "./design.ts";
import { nothingLeft } from "./early-stop.ts";
import { emptyFit, type Fit, fitBlock, hasWelch } from "./fit.ts";
import { checkFloat32 } from "./float32-range.ts";
import { type Grid, voxelCount } from "./grid.ts";
import type { Connectivity } from "./layout.ts";
import { columnBlocks, type ReadStore } from "./matrix-blocks.ts";
import type { Model, Statistic } from "./model.ts";
import { type Alternative, columnTest, testedSide } from "./null-distribution.ts";
import { countedP, type PValues, pValues } from "./p-values.ts";
import { generatorName } from "./random.ts";
import type { RegionAtlas } from "./regions.ts";
import { type Relabellings, relabellings } from "./relabellings.ts";
import { type ComparedMaps, type RowData, type RowDataOptions, rowData } from "./row-data.ts";
import type { RowMatrix } from "./row-matrix.ts";
import { allRelabellings, inThisThread, type StartRunner } from "./runners.ts";
import { checkSmoothing } from "./smooth.ts";
import { studentQuantile } from "./student.ts";
import { type Tails, type TailTest, withoutTail } from "./tails.ts";
import { isTested, type TestedRegion, testedRegions } from "./tested-regions.ts";
import { defaultExponents, type TfceExponents, tfce } from "./tfce.ts";

/** How maps are compared. */
export interface CompareOptions extends RowDataOptions {
  /** What is relabelled. Default "t". */
  readonly statistic?: Statistic;
  /** "greater": A > B. Default "two-sided". */
  readonly alternative?: Alternative;
  /** Relabellings drawn; if no more distinct ones exist, all are enumerated. Default 5000, with `tail` 500. */
  readonly permutations?: number;
  /** Seed of the generator: a whole number from 0. Default 0. */
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
        /** Threshold on the statistic that is relabelled, from 0. */
        readonly t: number;
      };
  /**
   * Whether drawn relabellings end where no voxel, TFCE value, cluster or region can come below p = 0.05 any more, corrected or of
   * regions uncorrected: after every 100 it is asked. p then counts what was computed. Default false.
   */
  readonly stopEarly?: boolean;
  /**
   * Whether p-values below 0.1 come from a generalized Pareto distribution that is fitted to the tail of the null distribution
   * (Winkler et al. 2016, NeuroImage 141:502): of voxels and TFCE corrected, of clusters, of regions corrected and uncorrected.
   * Where none fits, or all relabellings are enumerated, they stay shares of relabellings. Default false.
   */
  readonly tail?: boolean;
  /** Who computes the relabellings. Default: this thread. The result is the same for any number. */
  readonly runners?: readonly StartRunner[];
}

/** A cluster with its family-wise error. */
export interface TestedCluster extends Cluster {
  /** p of its size. */
  readonly pFweSize: number;
  /** The standard error of `pFweSize`; undefined without `CompareOptions.tail`. */
  readonly pFweSizeError: number | undefined;
  /** p of its mass. */
  readonly pFweMass: number;
  /** The standard error of `pFweMass`; undefined without `CompareOptions.tail`. */
  readonly pFweMassError: number | undefined;
  /** The region at its peak, "outside" for none; undefined without an atlas. */
  readonly region: string | undefined;
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
  /** Corrected p of the statistic that is relabelled. Outside: 1. */
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
  /** Their tails; undefined unless they were requested. */
  readonly tails: Tails | undefined;
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
  /** Whether these are fewer than were requested, because nothing could become significant any more. */
  readonly stoppedEarly: boolean;
  /** Seed of the generator. */
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
 * `not-finite` for a map that cannot be normalized and for statistics that float32 cannot hold; the signal's reason if it aborts.
 */
export async function compareMaps(input: ComparedMaps, options: CompareOptions = {}): Promise<Comparison> {
  const { design } = input;
  const { statistic = "t", seed = 0, runners = [inThisThread], tail = false } = options;
  const { permutations = tail ? 500 : 5000 } = options;
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
  const { seed = 0, tail = false } = options;
  const { model } = design;
  const { store } = data;
  const read: ReadStore | undefined = store && ((_, offset, into) => store.read(offset, into));
  const tested = data.regions.flatMap(({ y }, k) => (isTested(y, design) ? [k] : []));
  const regionMatrix: RowMatrix = {
    data: Float64Array.from({ length: model.rows * tested.length }, (_, at) => {
      const { y } = elementAt(data.regions, elementAt(tested, at % tested.length));
      return elementAt(y, Math.floor(at / tested.length));
    }),
    columns: tested.length,
  };
  const { test: voxelTest, observed } = columnTest(data.matrix, { model, statistic, alternative }, read);
  checkMaps(fitOf(data, model, read), data);
  const sides = { "two-sided": "both", greater: "positive", less: "negative" } as const;
  const shaped = { connectivity, sides: sides[alternative] };
  const enhanced = exponents && tfce(observed, grid.shape, data.voxels, { ...shaped, ...exponents });
  const otherExponents = "choose other exponents (--tfce_E, --tfce_H)";
  checkFloat32(enhanced, "TFCE", otherExponents);
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
      keepRegions: tail,
      voxelTest,
    },
    runners,
    options,
    {
      read,
      // A part of an enumeration is no random sample.
      isDecided:
        options.stopEarly && !order.exact
          ? nothingLeft(order.count, alternative, tail, {
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
  checkFloat32(nulls.maxTfce, "TFCE of a relabelling", otherExponents);
  const computed = nulls.maxT.length;
  const strongest = (values: ArrayLike<number>) => {
    let most = 0;
    for (let v = 0; v < values.length; v++)
      most = Math.max(most, testedSide(elementAt(values, v), alternative));
    return most;
  };
  const tests = {
    maxT: pValues(nulls.maxT, order, tail),
    maxTfce: pValues(nulls.maxTfce, order, tail),
    maxClusterSize: pValues(nulls.maxClusterSize, order, tail),
    maxClusterMass: pValues(nulls.maxClusterMass, order, tail),
    maxRegionT: pValues(nulls.maxRegionT, order, tail),
  };
  const { regions, fitted } =
    atlas === undefined
      ? { regions: [], fitted: 0 }
      : testedRegions(atlas, data.regions, tested, regionMatrix, design, {
          ...{ statistic, alternative, nulls, order, tail, corrected: tests.maxRegionT },
        });
  const largest = (of: (cluster: Cluster) => number) =>
    found.clusters.reduce((most, cluster) => Math.max(most, of(cluster)), 0);
  const tailTest = ({ of, errorOf, tail: fit }: PValues, value: number): TailTest => ({
    ...{ fit, p: of(value), error: errorOf(value) },
  });
  const tails: Tails | undefined = tail
    ? {
        maxT: tailTest(tests.maxT, strongest(observed)),
        maxTfce: enhanced && tailTest(tests.maxTfce, strongest(enhanced)),
        maxClusterSize: tailTest(
          tests.maxClusterSize,
          largest(({ voxels }) => voxels),
        ),
        maxClusterMass: tailTest(
          tests.maxClusterMass,
          largest(({ mass }) => mass),
        ),
        maxRegionT:
          tested.length === 0
            ? undefined
            : tailTest(
                tests.maxRegionT,
                strongest(columnTest(regionMatrix, { model, statistic, alternative }).observed),
              ),
      }
    : undefined;
  return {
    grid,
    voxels: data.voxels,
    maps: {
      // Computed again: it would take memory beside the workers.
      ...fitOf(data, model, read),
      meanA: data.meanA,
      meanB: data.meanB,
      tfce: enhanced,
      pUncorrected: Float64Array.from(nulls.exceeding, countedP(order, computed)),
      pFweT: observed.map((value) => tests.maxT.of(testedSide(value, alternative))),
      pFweTfce: enhanced?.map((value) => tests.maxTfce.of(testedSide(value, alternative))),
    },
    clusters: found.clusters.map((cluster) => ({
      ...cluster,
      pFweSize: tests.maxClusterSize.of(cluster.voxels),
      pFweSizeError: tail ? tests.maxClusterSize.errorOf(cluster.voxels) : undefined,
      pFweMass: tests.maxClusterMass.of(cluster.mass),
      pFweMassError: tail ? tests.maxClusterMass.errorOf(cluster.mass) : undefined,
      region: atlas && regionAt(atlas, cluster.peakIndex),
    })),
    clusterLabels: found.labels,
    regions,
    null: {
      maxT: nulls.maxT,
      maxTfce: nulls.maxTfce,
      maxClusterSize: nulls.maxClusterSize,
      maxClusterMass: nulls.maxClusterMass,
      maxRegionT: tested.length > 0 ? nulls.maxRegionT : new Float64Array(0),
    },
    tails,
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
    warnings: [
      ...design.warnings,
      ...data.warnings,
      ...coarse(design, order, alternative),
      ...(tails === undefined || order.exact
        ? []
        : withoutTail(tails, found.clusters.length > 0, tested.length - fitted)),
    ],
  };
}

function fitOf({ matrix }: RowData, model: Model, read: ReadStore | undefined): Fit {
  const fit = emptyFit(matrix.columns, model);
  for (const block of columnBlocks(matrix, read)) fitBlock(block.matrix, model, fit, block.start);
  return fit;
}

function checkMaps(fit: Fit, { meanA, meanB }: RowData): void {
  for (const [name, values] of Object.entries({ ...fit, "mean of A": meanA, "mean of B": meanB })) {
    checkFloat32(values, `the ${name}`, "bring the maps to one scale first (--normalize)");
  }
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

function regionAt({ places, regions }: RegionAtlas, index: number): string {
  return regions[elementAt(places, index) - 1]?.name ?? "outside";
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
