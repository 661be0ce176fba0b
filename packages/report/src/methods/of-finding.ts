import { counted, shortNumber } from "../html/numbers.ts";
import { sequence } from "../html/pieces.ts";
import type {
  ReportedAgreement,
  ReportedComparison,
  ReportedLocalization,
  ReportedRegions,
} from "../report.ts";
import { type Paragraph, type Writing, writing } from "./paragraph.ts";
import { references } from "./references.ts";

type Options = Readonly<Record<string, unknown>>;

/** What a paper says of tables of regions. */
export function methodsOfRegions({ options }: ReportedRegions, program: string): Paragraph {
  const text = writing();
  text.say(
    `${valuesOf(options)} were summarized in the regions of an atlas (${fileName(options.atlas)}) with ${program}: relevance sum and ` +
      `density ${text.cite(references.boehle)}, share of Σ|m|, and enrichment, which is that share divided by the region's share of the volume${inMask(options)}.`,
  );
  return text.done();
}

/** What a paper says of agreement between maps. */
export function methodsOfAgreement({ options, sources }: ReportedAgreement, program: string): Paragraph {
  const text = writing();
  const top = Array.isArray(options.top) ? sequence(options.top.map(String)) : "1, 5 and 10";
  text.say(
    `The agreement of ${counted(sources.length, "set")} of maps of the same sessions was measured with ${program} by Pearson's and Spearman's correlation over ` +
      `voxels${inMask(options)}, and by the Dice coefficient of the strongest ${top} % of voxels by |m|.`,
  );
  return text.done();
}

/** What a paper says of localization. */
export function methodsOfLocalization({ options }: ReportedLocalization, program: string): Paragraph {
  const text = writing();
  const tolerance = Number(options.tolerance_mm ?? 0);
  text.say(
    `Maps were compared with a mask of the true location (${fileName(options.truth)}) with ${program}: relevance mass and rank accuracy ${text.cite(references.arras)}, ` +
      `the pointing game ${text.cite(references.zhang)}${tolerance > 0 ? ` with a tolerance of ${tolerance} mm` : ""}, the area under the ROC curve, and average precision.`,
  );
  return text.done();
}

/** What a paper says of a comparison of groups. */
export function methodsOfComparison(comparison: ReportedComparison, program: string): Paragraph {
  const text = writing();
  const { options, facts } = comparison;
  sayPreparation(text, options);
  sayTest(text, comparison, program);
  sayRelabellings(text, comparison);
  sayVoxels(text, options);
  sayClusters(text, comparison);
  if (comparison.regions !== undefined) sayRegions(text, options);
  text.say(
    `Effect sizes are Cohen's d and, corrected for small samples, Hedges' g ${text.cite(references.hedges)}.`,
  );
  if (facts.stopped_early === true) {
    text.say(
      "Relabellings ended where no voxel, cluster or region could come below a corrected p of 0.05 any more.",
    );
  }
  return text.done();
}

function sayPreparation(text: Writing, options: Options): void {
  const divisors: Readonly<Record<string, string>> = {
    mass: "divided by the mean of |m|",
    max: "divided by the largest |m|",
    sd: "divided by its standard deviation",
  };
  const steps = [
    divisors[String(options.normalize)],
    Number(options.fwhm) > 0 ? `smoothed with a Gaussian of ${options.fwhm} mm FWHM` : undefined,
  ].filter((step) => step !== undefined);
  if (steps.length > 0) text.say(`Each map was ${sequence(steps)}.`);
  if (options.repeated === "mean") text.say("Maps of several sessions of a participant were averaged.");
}

function sayTest(text: Writing, { options, facts, sources }: ReportedComparison, program: string): void {
  const test =
    {
      t: options.paired ? "a paired t test" : "Student's t test",
      welch: `Welch's t test ${options.statistic === "welch" ? text.cite(references.welch) : ""}`.trim(),
      difference: "the difference of the means",
    }[String(options.statistic)] ?? String(options.statistic);
  const [a, b] = sources;
  const groups =
    b === undefined
      ? `${facts.n_a} maps (${a?.text ?? "A"}) were compared with 0`
      : options.paired
        ? `${facts.n_a} pairs of maps (${a?.text ?? "A"} and ${b.text}) were compared`
        : `${facts.n_a} participants (${a?.text ?? "A"}) were compared with ${facts.n_b} (${b.text})`;
  const covariates = Array.isArray(options.covariates) ? options.covariates.map(String) : [];
  const adjusted = covariates.length > 0 ? `, adjusted for ${sequence(covariates)}` : "";
  text.say(
    `${valuesOf(options)} of ${groups} at ${facts.voxels} voxels${inMask(options)} by ${test}${adjusted} (${facts.df} degrees of freedom) with ${program}.`,
  );
}

function sayRelabellings(text: Writing, { options, facts, sources }: ReportedComparison): void {
  const flips = options.paired === true || sources.length < 2;
  const how = flips ? "by changing signs" : "by permuting the groups";
  const covariates = Array.isArray(options.covariates) && options.covariates.length > 0;
  const byFreedman = covariates ? `, of residuals of the covariates ${text.cite(references.freedman)}` : "";
  const blocks =
    options.repeated === "blocks"
      ? `, whole participants at a time ${text.cite(references.winkler2015)}`
      : "";
  const number = facts.exact
    ? `all ${facts.permutations} distinct relabellings were computed, so that p-values are exact`
    : `${facts.permutations} random relabellings were drawn (seed ${facts.seed}), with p = (1 + b) / (1 + m) ${text.cite(references.phipson)}`;
  const sides = options.alternative === "two-sided" ? "two-sided" : `one-sided (${options.alternative})`;
  text.say(
    `Inference was ${sides}, ${how}${blocks} ${text.cite(references.winkler2014)}${byFreedman}; ${number}.`,
  );
  if (options.tail) {
    text.say(
      `The tail of the null distribution was fitted by a generalized Pareto distribution ${text.cite(references.winkler2016)}.`,
    );
  }
}

function sayVoxels(text: Writing, options: Options): void {
  const tfce = options.no_tfce
    ? ""
    : `, and by threshold-free cluster enhancement ${text.cite(references.smith)} (E = ${options.tfce_E}, H = ${options.tfce_H}, connectivity ` +
      `${options.connectivity}), integrated exactly over the tree of components ${text.cite(references.najman)}`;
  text.say(
    `The family-wise error rate over voxels was controlled by the distribution of the maximum ${text.cite(references.nichols)} of the statistic${tfce}.`,
  );
}

function sayClusters(text: Writing, { options, facts }: ReportedComparison): void {
  const threshold = Number(facts.cluster_threshold);
  if (!Number.isFinite(threshold)) return;
  const p = options.cluster_t === undefined ? ` (uncorrected p of ${options.cluster_p ?? 0.001})` : "";
  text.say(
    `Clusters were formed where the statistic exceeds ${shortNumber(threshold)}${p}, with connectivity ${options.connectivity}, and tested by size and by mass ${text.cite(references.bullmore)}.`,
  );
}

function sayRegions(text: Writing, options: Options): void {
  text.say(
    `The ${String(options.region_value ?? "mean")} of each region of an atlas (${fileName(options.atlas)}) was tested with the same model and relabellings; p-values were corrected by the maximum over regions, and by ` +
      `the false discovery rate ${text.cite(references.benjamini)}.`,
  );
}

function valuesOf({ values }: Options): string {
  const kinds: Readonly<Record<string, string>> = {
    absolute: "Absolute values of maps",
    positive: "Positive values of maps",
    negative: "Negative values of maps",
  };
  return kinds[String(values)] ?? "Maps";
}

function inMask({ mask }: Options): string {
  return typeof mask === "string" ? ` in a mask (${fileName(mask)})` : "";
}

function fileName(path: unknown): string {
  return (
    String(path ?? "")
      .split(/[/\\]/)
      .at(-1) ?? ""
  );
}
