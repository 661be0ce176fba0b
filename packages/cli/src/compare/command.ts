import { type Command, Option } from "commander";
import type { CommandContext } from "../command-line/command-context.ts";
import { addHelp } from "../command-line/help.ts";
import { anyNumber, notNegative, positiveNumber, probability, wholeNumber } from "../command-line/values.ts";
import { addAtlas, addFindingOutput, addMapOptions } from "../findings/options.ts";
import type { CompareArguments } from "./run.ts";

export function addCompare(program: Command, { argv, onStatus }: CommandContext): void {
  const command = program
    .command("compare")
    .summary("compare two groups of maps, pairs, or one group with 0")
    .description(
      "Statistics at every voxel, in clusters and in regions, with p-values by relabelling that are corrected for the number of " +
        "voxels, clusters and regions.",
    )
    .argument("<A>", "folder of a finished job, or table of maps; add :GROUP to use one of its groups")
    .argument("<B>", "the same; or 0: is the mean of A different from zero?")
    .argument("<name>", "name of the folder of the result");
  addModel(addMapOptions(command, "signed"));
  addAtlas(addTest(command), false).addOption(
    new Option("--region_value <value>", "the value of a region in a map, before smoothing")
      .choices(["mean", "mean_abs", "sum", "share"])
      .default("mean"),
  );
  addFindingOutput(command, "here")
    .option(
      "--memory <GB>",
      "memory for the maps; if they need more, they are kept in a temporary file",
      positiveNumber,
      1,
    )
    .action(
      async (a: string, b: string, name: string, options: Omit<CompareArguments, "a" | "b" | "name">) => {
        const { compare } = await import("./run.ts");
        onStatus(await compare({ ...options, a, b, name }, ["voxplain", ...argv]));
      },
    );
  addHelp(command, argv, {
    mostUsed: [
      ...["--group_by", "--mask", "--paired", "--covariates", "--normalize", "--fwhm", "--permutations"],
      ...["--tail", "--cluster_p", "--atlas", "--labels", "--output_dir", "--overwrite"],
    ],
    more: results,
    examples,
  });
}

function addModel(command: Command): Command {
  return command
    .optionsGroup("Model:")
    .option("--paired", "rows of A and B with the same participant and session are pairs", false)
    .addOption(
      new Option(
        "--repeated <how>",
        "participants with several sessions: average their maps, or keep all and relabel whole participants",
      )
        .choices(["mean", "blocks"])
        .default("mean"),
    )
    .option(
      "--covariates <column...>",
      "columns that the model adjusts for: numbers, or text with indicators of its values",
    )
    .addOption(
      new Option(
        "--normalize <by>",
        "divide each map by the mean of |m|, the largest |m| or the standard deviation: gradients of saturated networks differ " +
          "in scale by orders of magnitude between sessions",
      )
        .choices(["none", "mass", "max", "sd"])
        .default("none"),
    )
    .option(
      "--fwhm <mm>",
      "smooth every map with a Gaussian of this full width at half maximum",
      notNegative,
      0,
    );
}

function addTest(command: Command): Command {
  return command
    .optionsGroup("Test:")
    .addOption(
      new Option("--statistic <name>", "what is relabelled")
        .choices(["t", "welch", "difference"])
        .default("t"),
    )
    .addOption(
      new Option("--alternative <side>", "greater: A > B")
        .choices(["two-sided", "greater", "less"])
        .default("two-sided"),
    )
    .option(
      "--permutations <int>",
      "relabellings drawn; if no more distinct ones exist, all are enumerated (default: 5000, with --tail 500)",
      wholeNumber(1),
    )
    .option(
      "--tail",
      "take small p-values from a generalized Pareto distribution that is fitted to the tail of the null distribution, and write " +
        "their standard errors",
      false,
    )
    .option(
      "--stop_early",
      "stop as soon as no corrected p can fall to 0.05; all p-values are then coarser",
      false,
    )
    .option("--seed <int>", "random seed", wholeNumber(0), 0)
    .option("--no_tfce", "leave out threshold-free cluster enhancement", false)
    .option("--tfce_E <number>", "exponent of the extent", anyNumber, 0.5)
    .option("--tfce_H <number>", "exponent of the height", anyNumber, 2)
    .addOption(
      new Option("--connectivity <int>", "which voxels touch: by faces, also edges, also corners")
        .choices(["6", "18", "26"])
        .default("6"),
    )
    .option(
      "--cluster_p <p>",
      "clusters begin at this uncorrected p of Student's t (default: 0.001)",
      probability,
    )
    .option(
      "--cluster_t <number>",
      "clusters begin at this value of the statistic, instead of --cluster_p",
      notNegative,
    );
}

const results = `Results, in <output_dir or here>/<name>/:
  difference, mean_a, mean_b, t, welch, cohens_d, hedges_g, tfce .nii.gz   statistics and effect sizes
  p_uncorrected, p_fwe_t, p_fwe_tfce .nii.gz   p by relabelling; p_fwe_*: family-wise error over all voxels
  logp_fwe_t, logp_fwe_tfce .nii.gz   −log₁₀ p, for viewers: 1.3 is 0.05
  mask, clusters .nii.gz   the voxels that were analysed; the numbers of clusters
  clusters.tsv, regions.tsv, null.tsv, participants.tsv   tables; null.tsv has the maxima of every relabelling
      with --tail the tables have the standard errors of p: p_se, p_fwe_se, p_fwe_size_se, p_fwe_mass_se
  compare.json   numbers of rows, voxels and relabellings, options, sources, versions, warnings`;

const examples = `Examples:
  voxplain compare job:AD job:CN AD_CN --mask brain.nii.gz --normalize mass --atlas aal.nii.gz --labels aal.xml
  voxplain compare job:TP job:TN right --group_by outcome --permutations 1000
  voxplain compare fold-0/job fold-1/job folds --paired
  voxplain compare maps.tsv:patients maps.tsv:controls p_c --covariates age sex --fwhm 6`;
