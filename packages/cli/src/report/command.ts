import type { Command } from "commander";
import type { CommandContext } from "../command-line/command-context.ts";
import { noFsync } from "../command-line/shared-options.ts";
import type { ReportArguments } from "./run.ts";

export function addReport(program: Command, { onStatus }: CommandContext): void {
  program
    .command("report")
    .summary("one HTML page of results, for reviewers of a paper")
    .description(
      "Writes the results to one self-contained HTML file: the question, model and cohort, predictions, maps of the group and of typical and extreme " +
        "sessions, checks, regions, comparisons, agreement, methods text with references, versions, digests and commands.",
    )
    .argument(
      "<job...>",
      "folders of results of interpret, predict, regions, compare, agreement and localize, in any number and order",
    )
    .optionsGroup("Results:")
    .option(
      "--output <file>",
      "the HTML file (default: report.html in the folder, or here if there are several)",
    )
    .option("--overwrite", "replace an existing file", false)
    .addOption(noFsync())
    .option(
      "--no_identifiers",
      "number the participants instead of naming them, also in paths and commands",
      false,
    )
    .option("--title <text>", "heading of the report (default: the names of the folders)")
    .option(
      "--anatomy <path>",
      "NIfTI image to draw below all maps (default: the images that were explained if they still exist, otherwise the template of the job)",
    )
    .option("-v, --verbose", "print a stack trace for unexpected errors", false)
    .addHelpText("after", `\n${help}`)
    .action(async (jobs: readonly string[], options: Omit<ReportArguments, "jobs">) => {
      const { report } = await import("./run.ts");
      onStatus(await report({ ...options, jobs }));
    });
}

const help = `The report holds participant identifiers, unless --no_identifiers is given, and brain images. It opens without an internet connection and has no scripts.

Examples:
  voxplain report my_model/fold-0/gradients/best_loss/AD
  voxplain report my_model/fold-*/gradients/best_loss/AD agreement AD_CN --output paper.html --no_identifiers`;
