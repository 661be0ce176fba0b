import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addDifferentiate } from "./differentiate.ts";
import { addExplain } from "./explain.ts";
import { addInspect } from "./inspect.ts";
import { addInterpret } from "./interpret.ts";
import { addMethods } from "./methods.ts";
import { addPredict } from "./predict.ts";

export interface CommandContext {
  /** The words behind "voxplain". */
  readonly argv: readonly string[];
  /** Told the exit status of a command that did not fail. */
  readonly onStatus: (status: number) => void;
}

/** The command line as data; what a command does is loaded when it runs, so that --help is quick. */
export function createProgram(context: CommandContext): Command {
  const program = new Command("voxplain")
    .description("Explains what a brain-MRI neural network looked at, voxel by voxel.")
    .version(packageVersion(), "-V, --version")
    .exitOverride()
    .showHelpAfterError("(add --help to see what can be asked for)")
    .addHelpText(
      "after",
      "\nExit status: 0 done, 1 the job failed, 2 wrong usage, 3 some sessions failed and the rest is written.",
    );
  addInterpret(program, context);
  addPredict(program, context);
  addExplain(program, context);
  addDifferentiate(program);
  addMethods(program);
  addInspect(program);
  return program;
}

function packageVersion(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  return manifest.version;
}
