import { VoxplainError } from "@voxplain/core";
import {
  type CompareOptions,
  type Comparison,
  compareMaps,
  type Design,
  design,
  type RegionAtlas,
  type Tails,
  type TailTest,
} from "@voxplain/group-analysis";
import { type MapSet, placeHint } from "../sources/map-set.ts";
import type { MapSource } from "../sources/map-source.ts";

/** A comparison of the maps of one or two sources whose model stands. */
export interface PlannedComparison {
  /** The maps. */
  readonly set: MapSet;
  /** Rows and model. */
  readonly plan: Design;
  /** The source of A. */
  readonly a: MapSource;
  /** The source of B; undefined where A is compared with 0. */
  readonly b: MapSource | undefined;
}

/** What the model is made of. */
export interface ComparisonModel {
  /** Rows of A and B with the same participant and session are pairs. */
  readonly paired: boolean;
  /** Participants with several sessions: their maps are averaged, or all are kept and whole participants relabelled. */
  readonly repeated: "mean" | "blocks";
  /** Columns that the model adjusts for. */
  readonly covariates: readonly string[];
  /** Full width at half maximum of the smoothing, mm. */
  readonly fwhm: number;
}

/**
 * The model of a comparison: of the first source with the second, or of the only one with 0.
 * @throws VoxplainError `mismatch` for a smoothing of maps at an unknown position; as `design`.
 */
export function planComparison(set: MapSet, { fwhm, ...model }: ComparisonModel): PlannedComparison {
  const [a, b] = set.sources;
  if (a === undefined) throw new RangeError("A is a source");
  if (fwhm > 0 && !set.isPlaced) {
    throw new VoxplainError(
      "mismatch",
      "smoothing is in mm, and the position of the maps is unknown (--fwhm)",
      { hint: placeHint },
    );
  }
  return { set, a, b, plan: design({ a: rowsOf(a), ...(b && { b: rowsOf(b) }), ...model }) };
}

/** Reads the maps in the order of the model, and compares them. @throws VoxplainError as `compareMaps`. */
export function compareSources(
  { set, plan, a, b }: PlannedComparison,
  { mask, atlas }: { readonly mask?: Uint8Array | undefined; readonly atlas?: RegionAtlas | undefined },
  options: CompareOptions,
): Promise<Comparison> {
  const maps = readMaps(set, plan, a, b);
  return compareMaps(
    { design: plan, grid: set.grid, maps, ...(mask && { mask }), ...(atlas && { atlas }) },
    options,
  );
}

/** What the record of a comparison has besides options, sources, versions and warnings. */
export function comparisonFacts(found: Comparison): Readonly<Record<string, unknown>> {
  return {
    ...{ n_a: found.nA, n_b: found.nB, df: found.df, distinct: found.distinct, exact: found.exact },
    ...{ permutations: found.permutations, seed: found.seed, generator: found.generator },
    stopped_early: found.stoppedEarly,
    ...{ cluster_threshold: found.clusterThreshold, voxels: found.voxels.length },
    ...(found.tails && { tails: tailFacts(found.tails) }),
  };
}

/** Under the names of `null.tsv`. */
function tailFacts({ maxT, maxTfce, maxClusterSize, maxClusterMass, maxRegionT }: Tails) {
  const fact = (test: TailTest | undefined) =>
    test && {
      ...{ smallest_p: test.p, smallest_p_se: test.error },
      fit: test.fit && {
        ...{ threshold: test.fit.threshold, exceedances: test.fit.exceedances },
        ...{ shape: test.fit.shape, scale: test.fit.scale, anderson_darling: test.fit.distance },
      },
    };
  return {
    ...{ max_t: fact(maxT), max_tfce: fact(maxTfce), max_cluster_size: fact(maxClusterSize) },
    ...{ max_cluster_mass: fact(maxClusterMass), max_region_t: fact(maxRegionT) },
  };
}

function rowsOf({ maps }: MapSource) {
  return maps.map(({ participant, session, cells }) => ({ participant, session, covariates: cells }));
}

/** In the order of the design. */
async function* readMaps(
  set: MapSet,
  { maps }: Design,
  a: MapSource,
  b: MapSource | undefined,
): AsyncGenerator<Float32Array> {
  for (const { source, index } of maps) {
    const map = (source === "a" ? a : b)?.maps[index];
    if (map === undefined) throw new RangeError("the design is of these maps");
    yield await set.read(map);
  }
}
