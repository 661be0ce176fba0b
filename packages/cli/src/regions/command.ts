import type { Command } from "commander";
import type { CommandContext } from "../command-line/command-context.ts";
import { addAtlas, addFindingOutput, addMapOptions } from "../findings/options.ts";
import type { RegionsArguments } from "./run.ts";

export function addRegions(program: Command, { argv, onStatus }: CommandContext): void {
  const command = program
    .command("regions")
    .summary("tables of maps in the regions of an atlas")
    .description(
      "Sums, densities, shares and peaks of maps in the regions of an atlas, for every map and for the mean of each group.",
    )
    .argument(
      "<source...>",
      "folder of a finished job, or table (.tsv) with the columns participant_id and map; add :GROUP to use one of its groups",
    );
  addFindingOutput(addMapOptions(addAtlas(command, true), "signed"), "regions in the job, else here")
    .addHelpText("after", `\n${help}`)
    .action(async (sources: readonly string[], options: Omit<RegionsArguments, "sources">) => {
      const { regions } = await import("./run.ts");
      onStatus(await regions({ ...options, sources }, ["voxplain", ...argv]));
    });
}

const help = `Results:
  regions.tsv            one row per map and region; the first region of each map is outside, all voxels in no region:
                         voxels, volume_mm3, coverage (below 0.9 the region is cut off), sum, mean, mean_abs, share (of Σ|m|),
                         enrichment (share ÷ share of the volume), peak and its position
  regions_groups.tsv     the same for the mean map of all, then of each group
  mean_<group>.nii.gz    these mean maps
  regions.json           options, sources, versions, warnings

Examples:
  voxplain regions my_model/fold-0/gradients/best_loss/AD --atlas aal.nii.gz --labels aal.xml
  voxplain regions maps.tsv --atlas aparc+aseg.mgz --labels FreeSurferColorLUT.txt --mask brain.nii.gz
  voxplain regions job --atlas atlas.nii.gz --group_by outcome`;
