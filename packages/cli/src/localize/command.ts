import type { Command } from "commander";
import type { CommandContext } from "../command-line/command-context.ts";
import { notNegative } from "../command-line/values.ts";
import { addFindingOutput, addMapOptions } from "../findings/options.ts";
import type { LocalizeArguments } from "./run.ts";

export function addLocalize(program: Command, { argv, onStatus }: CommandContext): void {
  const command = program
    .command("localize")
    .summary("how well maps point at a known mask")
    .description(
      "Measures how well maps point at a known mask: the share of the map inside it, the distance of the peak, and the ranking of voxels.",
    )
    .argument(
      "<source...>",
      "folder of a finished job, or table of maps; add :GROUP to use one of its groups",
    )
    .requiredOption("--truth <path>", "NIfTI mask of what the maps should point at: voxels that are not 0")
    .option(
      "--tolerance_mm <number>",
      "how far from the mask the peak may be and still be a hit in the pointing game",
      notNegative,
      0,
    );
  addFindingOutput(addMapOptions(command, "absolute"), "localize")
    .addHelpText("after", `\n${help}`)
    .action(async (sources: readonly string[], options: Omit<LocalizeArguments, "sources">) => {
      const { localize } = await import("./run.ts");
      onStatus(await localize({ ...options, sources }, ["voxplain", ...argv]));
    });
}

const help = `Results:
  localization.tsv   one row per map: mass_share (of Σ|m|) and volume_share of the truth, enrichment (their ratio), pointing_game,
                     peak_distance_mm, auroc, auprc, relevance_rank
  localize.json      options, sources, versions, warnings

Example:
  voxplain localize job --truth hippocampi.nii.gz --mask brain.nii.gz`;
