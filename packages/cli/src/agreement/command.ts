import type { Command } from "commander";
import type { CommandContext } from "../command-line/command-context.ts";
import { percentages } from "../command-line/values.ts";
import { addFindingOutput, addMapOptions } from "../findings/options.ts";
import type { AgreementArguments } from "./run.ts";

/** Per cent, unless others are asked for. */
const usual = [1, 5, 10];

export function addAgreement(program: Command, { argv, onStatus }: CommandContext): void {
  const command = program
    .command("agreement")
    .summary("how well maps of the same sessions agree between folds, methods or networks")
    .description(
      "Correlations and overlap of the maps of each session, for every two sources: folds, selections, methods, networks.",
    )
    .argument("<source...>", "folders of finished jobs, or tables of maps; two or more")
    .option(
      "--top <percent...>",
      "shares of the strongest voxels whose overlap is measured (default: 1 5 10)",
      percentages,
    );
  addFindingOutput(addMapOptions(command, "signed"), "agreement")
    .addHelpText("after", `\n${help}`)
    .action(async (sources: readonly string[], options: Omit<AgreementArguments, "sources">) => {
      const { agreement } = await import("./run.ts");
      onStatus(await agreement({ ...options, sources, top: options.top ?? usual }, ["voxplain", ...argv]));
    });
}

const help = `Results:
  agreement.tsv           one row per two sources and session: voxels, pearson, spearman, dice_top<k>: Dice coefficient of the
                          strongest k % of the voxels by |m|
  agreement_summary.tsv   mean and standard deviation over the sessions
  agreement.json          options, sources, versions, warnings

Example:
  voxplain agreement my_model/fold-*/gradients/best_loss/AD`;
