import { type Command, Option } from "commander";
import type { CommandContext } from "../command-line/command-context.ts";
import { noFsync } from "../command-line/shared-options.ts";
import type { MergeOptions } from "./run.ts";

/** Which job is meant. */
export function addKeptQuery(command: Command): Command {
  return command
    .argument("<model_path>", "model folder or ONNX file of the job")
    .argument("<name>", "name of the result folder")
    .option("--output_dir <path>", "the folder that the job was given (default: the model folder)")
    .addOption(
      new Option(
        "--job <command>",
        "command that computed the job, if interpret and predict both have one of this name",
      ).choices(["interpret", "predict"]),
    );
}

export function addMerge(program: Command, { argv, onStatus }: CommandContext): void {
  const command = program
    .command("merge")
    .summary("make the result of a job that was computed in parts (--shard)")
    .description(
      "Makes the result of a job whose parts are all finished: the same files as one run writes, whatever the number of parts. " +
        "The options come from the record of the job; no image is read.",
    );
  addKeptQuery(command)
    .option("--overwrite", "replace an existing result of the same name", false)
    .option(
      "--break_lock",
      "remove the lock of another process on this result; only when that process has ended",
      false,
    )
    .addOption(noFsync())
    .option("-v, --verbose", "print a stack trace for unexpected errors", false)
    .addHelpText("after", help)
    .action(async (modelPath: string, name: string, options: Omit<MergeOptions, "model_path" | "name">) => {
      const { merge } = await import("./run.ts");
      onStatus(await merge({ ...options, model_path: modelPath, name }, ["voxplain", ...argv]));
    });
}

const help = `
Exit status: 0 done, 1 failed (if sessions are not finished, they are named and nothing is written), 2 wrong usage, 3 done, but
sessions were skipped.

Examples:
  voxplain interpret group my_model AD_map --use_cpu --output_dir results --resume --shard 1/2
  voxplain interpret group my_model AD_map --use_cpu --output_dir results --resume --shard 2/2
  voxplain merge my_model AD_map --output_dir results`;
