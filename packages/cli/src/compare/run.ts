import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { elementCount, VoxplainError } from "@voxplain/core";
import type { CompareOptions } from "@voxplain/group-analysis";
import { fileStore, threads } from "@voxplain/group-analysis/node";
import {
  atlasAt,
  checkTaskName,
  compareSources,
  comparisonFacts,
  comparisonSummary,
  type MapSet,
  planComparison,
  writeComparison,
} from "@voxplain/results";
import type { FindingOptions } from "../findings/options.ts";
import { runFinding } from "../findings/run-finding.ts";

/** The options of `voxplain compare`, under the names they have on the command line. */
export interface CompareArguments extends FindingOptions {
  readonly a: string;
  readonly b: string;
  readonly name: string;
  readonly paired: boolean;
  readonly repeated: "mean" | "blocks";
  readonly covariates?: readonly string[];
  readonly normalize: "none" | "mass" | "max" | "sd";
  readonly fwhm: number;
  readonly statistic: "t" | "welch" | "difference";
  readonly alternative: "two-sided" | "greater" | "less";
  readonly permutations?: number;
  readonly seed: number;
  readonly no_tfce: boolean;
  readonly tfce_E: number;
  readonly tfce_H: number;
  readonly connectivity: "6" | "18" | "26";
  readonly cluster_p?: number;
  readonly cluster_t?: number;
  readonly atlas?: string;
  readonly labels?: string;
  readonly region_value: "mean" | "mean_abs" | "sum" | "share";
  readonly stop_early: boolean;
  readonly tail: boolean;
  /** GB. */
  readonly memory: number;
}

/** `voxplain compare`: two groups of maps, pairs, or one group and 0. */
export async function compare(
  { a, b, name, ...given }: CompareArguments,
  command: readonly string[],
): Promise<0> {
  const options = { ...given, permutations: given.permutations ?? (given.tail ? 500 : 5000) };
  checkTaskName(name);
  const isOneSample = b === "0";
  if (isOneSample && options.paired) {
    throw new VoxplainError(
      "invalid-argument",
      "pairs need two sources: a comparison with 0 has none (--paired)",
    );
  }
  if (options.cluster_p !== undefined && options.cluster_t !== undefined) {
    throw new VoxplainError("invalid-argument", "clusters have one threshold (--cluster_p or --cluster_t)");
  }
  if (options.labels !== undefined && options.atlas === undefined) {
    throw new VoxplainError("invalid-argument", "names of regions need an atlas (--labels, --atlas)");
  }
  return runFinding({
    ...{ name: "compare", command, sources: isOneSample ? [a] : [a, b], options },
    outputPath: () => resolve(options.output_dir ?? ".", name),
    async prepare(set, mask) {
      const { paired, repeated, covariates = [], fwhm } = options;
      const planned = planComparison(set, { paired, repeated, covariates, fwhm });
      const atlas =
        options.atlas === undefined ? undefined : await atlasAt(options.atlas, options.labels, set);
      return { planned, mask, atlas };
    },
    // At least one of its maps; others are compressed.
    bytes: ({ planned: { set } }) => 4 * elementCount(set.grid.shape),
    async write({ planned, mask, atlas }, files, { warn, progress }) {
      const { set, plan } = planned;
      for (const warning of plan.warnings) warn(warning);
      const found = await compareSources(
        planned,
        { mask, atlas },
        { ...comparisonOf(options), ...resourcesOf(options, set), onProgress: progress },
      );
      for (const warning of found.warnings) warn(warning);
      await writeComparison(files, found, planned);
      return { facts: comparisonFacts(found), summary: comparisonSummary(found, set.isPlaced) };
    },
  });
}

/** Options with the number of relabellings. */
type Settings = Omit<CompareArguments, "a" | "b" | "name"> & { readonly permutations: number };

function comparisonOf(options: Settings): CompareOptions {
  const { cluster_t, cluster_p = 0.001, region_value, tfce_E: E, tfce_H: H } = options;
  const { values, normalize, fwhm, statistic, alternative, permutations, seed } = options;
  return {
    ...(values && { values }),
    ...{ normalize, fwhm, statistic, alternative, permutations, seed },
    regionValue: region_value === "mean_abs" ? "meanAbs" : region_value,
    connectivity: options.connectivity === "6" ? 6 : options.connectivity === "18" ? 18 : 26,
    tfce: options.no_tfce ? false : { E, H },
    ...{ stopEarly: options.stop_early, tail: options.tail },
    cluster: cluster_t === undefined ? { p: cluster_p } : { t: cluster_t },
  };
}

/** Values that are relabelled: below this, threads take longer to start than to compute. */
const fewValues = 2e7;

/** Threads and memory change how long it takes, not what comes out. */
function resourcesOf(
  { threads: wanted, memory, permutations }: Settings,
  { grid }: MapSet,
): Pick<CompareOptions, "runners" | "memory"> {
  const [x, y, z] = grid.shape;
  const count = wanted ?? availableParallelism();
  const isSmall = x * y * z * permutations < fewValues;
  return {
    ...(!isSmall && count > 1 && { runners: threads(count) }),
    memory: { limit: memory * 1e9, store: fileStore },
  };
}
