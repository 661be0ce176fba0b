import type { CompareOptions } from "@voxplain/group-analysis";
import type { CompareRequest } from "../findings/protocol.ts";

/** One option of a comparison. */
export interface ComparisonOption {
  /** What can be chosen; absent where a number or a text is written. */
  readonly choices?: readonly string[];
  /** "" is none. */
  readonly default: string | number | boolean;
  readonly doc: string;
  /** Smallest number. */
  readonly least?: number;
  /** What holds where nothing is written. */
  readonly placeholder?: string;
}

/** The options of `voxplain compare` that a page has, under their names and with their defaults there. */
export const comparisonOptions = {
  values: {
    choices: ["signed", "absolute", "positive", "negative"],
    default: "signed",
    doc: "what of a map m is analysed: m, |m|, max(m, 0) or max(−m, 0)",
  },
  normalize: {
    choices: ["none", "mass", "max", "sd"],
    default: "none",
    doc: "divide each map by the mean of |m|, the largest |m| or the standard deviation",
  },
  fwhm: {
    default: 0,
    least: 0,
    doc: "smooth every map with a Gaussian of this full width at half maximum, mm",
  },
  permutations: {
    default: "",
    placeholder: "5000, with tail 500",
    doc: "relabellings drawn; if no more distinct ones exist, all are enumerated",
  },
  tail: {
    default: false,
    doc: "take small p-values from a generalized Pareto distribution that is fitted to the tail of the null distribution",
  },
  seed: { default: 0, least: 0, doc: "random seed" },
  alternative: {
    choices: ["two-sided", "greater", "less"],
    default: "two-sided",
    doc: "greater: A > B",
  },
  covariates: { default: "", doc: "columns that the model adjusts for, with spaces between" },
  repeated: {
    choices: ["mean", "blocks"],
    default: "mean",
    doc: "participants with several sessions: average their maps, or keep all and relabel whole participants",
  },
  statistic: { choices: ["t", "welch", "difference"], default: "t", doc: "what is relabelled" },
  no_tfce: { default: false, doc: "leave out threshold-free cluster enhancement" },
  tfce_E: { default: 0.5, doc: "exponent of the extent" },
  tfce_H: { default: 2, doc: "exponent of the height" },
  connectivity: {
    choices: ["6", "18", "26"],
    default: "6",
    doc: "which voxels touch: by faces, also edges, also corners",
  },
  cluster_p: { default: 0.001, least: 0, doc: "clusters begin at this uncorrected p of Student's t" },
  cluster_t: { default: "", doc: "clusters begin at this value of the statistic, instead of cluster_p" },
  region_value: {
    choices: ["mean", "mean_abs", "sum", "share"],
    default: "mean",
    doc: "the value of a region in a map, before smoothing",
  },
  stop_early: {
    default: false,
    doc: "end where nothing can come below a corrected p of 0.05 any more; p-values are then coarser",
  },
} as const satisfies Readonly<Record<string, ComparisonOption>>;

export type ComparisonOptionName = keyof typeof comparisonOptions;

/** What was chosen, as text. */
export type ChosenComparison = Readonly<Record<ComparisonOptionName, string>>;

/**
 * The request that options make.
 * @param paired - Rows of A and B with the same participant and session are pairs.
 */
export function comparisonRequest(
  chosen: ChosenComparison,
  paired: boolean,
): Pick<CompareRequest, "model" | "options"> & { readonly record: Readonly<Record<string, unknown>> } {
  const numberOf = (name: ComparisonOptionName) => Number(chosen[name]);
  const covariates = chosen.covariates.split(/[\s,]+/).filter(Boolean);
  const fwhm = numberOf("fwhm");
  // The selects offer nothing else than their choices.
  const options: CompareRequest["options"] = {
    values: chosen.values as NonNullable<CompareOptions["values"]>,
    normalize: chosen.normalize as NonNullable<CompareOptions["normalize"]>,
    statistic: chosen.statistic as NonNullable<CompareOptions["statistic"]>,
    alternative: chosen.alternative as NonNullable<CompareOptions["alternative"]>,
    regionValue: chosen.region_value === "mean_abs" ? "meanAbs" : (chosen.region_value as "mean"),
    connectivity: Number(chosen.connectivity) as NonNullable<CompareOptions["connectivity"]>,
    ...(chosen.permutations !== "" && { permutations: numberOf("permutations") }),
    ...{ fwhm, seed: numberOf("seed"), tail: chosen.tail === "true" },
    tfce: chosen.no_tfce === "true" ? false : { E: numberOf("tfce_E"), H: numberOf("tfce_H") },
    stopEarly: chosen.stop_early === "true",
    cluster: chosen.cluster_t === "" ? { p: numberOf("cluster_p") } : { t: numberOf("cluster_t") },
  };
  const typed = Object.entries(comparisonOptions).map(([name, option]) => {
    const text = chosen[name as ComparisonOptionName];
    if (text === "") return [name, undefined];
    if (typeof option.default === "number") return [name, Number(text)];
    return [name, typeof option.default === "boolean" ? text === "true" : text];
  });
  return {
    model: { paired, repeated: chosen.repeated as "mean" | "blocks", covariates, fwhm },
    options,
    record: { ...Object.fromEntries(typed), paired, covariates },
  };
}
