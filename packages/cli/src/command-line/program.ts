import { withEscapes } from "@voxplain/core";
import { Command } from "commander";
import { addAgreement } from "../agreement/command.ts";
import { addCompare } from "../compare/command.ts";
import { addCompletion } from "../completion/command.ts";
import { addDemo } from "../demo/command.ts";
import { addDifferentiate } from "../differentiate/command.ts";
import { addDoctor } from "../doctor/command.ts";
import { addExplain } from "../explain/command.ts";
import { addInspect } from "../inspect/command.ts";
import { addInterpret } from "../interpret/command.ts";
import { addLocalize } from "../localize/command.ts";
import { addMerge } from "../merge/command.ts";
import { addMethods } from "../methods/command.ts";
import { addPredict } from "../predict/command.ts";
import { addRegions } from "../regions/command.ts";
import { addReport } from "../report/command.ts";
import { addStatus } from "../status/command.ts";
import type { CommandContext } from "./command-context.ts";
import { asksForAllHelp, optionDescription } from "./help.ts";

/** The table of methods is loaded for the full help alone, so that everything else starts quickly. */
export async function methodOptionsFor(argv: readonly string[]): Promise<string | undefined> {
  if (!asksForAllHelp(argv) || !argv.some((word) => ["explain", "interpret"].includes(word)))
    return undefined;
  return (await import("../methods/describe-methods.ts")).listMethodOptions();
}

/** The command line as data; what a command does is loaded when it runs, so that --help is quick. */
export function createProgram(context: CommandContext): Command {
  const program = new Command("voxplain")
    .description("Explains what a brain-MRI neural network looked at, voxel by voxel.")
    .option("-V, --version", "print version information and available devices")
    .option("--cite", "print how to cite Voxplain")
    .exitOverride()
    .configureHelp({ optionDescription })
    .configureOutput({ outputError: (text, write) => write(errorText(text)) })
    .showHelpAfterError("(run with --help for usage)")
    .addHelpText(
      "after",
      "\nExit status: 0 done, 1 failed, 2 wrong usage, 3 done, but sessions were skipped, 130 interrupted.",
    );
  const { onStatus } = context;
  addDemo(program, (argv) =>
    createProgram({ argv, onStatus, isTyped: false }).parseAsync(argv, { from: "user" }),
  );
  addInterpret(program, context);
  addPredict(program, context);
  addExplain(program, context);
  addRegions(program, context);
  addCompare(program, context);
  addAgreement(program, context);
  addLocalize(program, context);
  addReport(program, context);
  addMerge(program, context);
  addStatus(program);
  addDifferentiate(program);
  addMethods(program);
  addInspect(program);
  addDoctor(program, context);
  addCompletion(program);
  for (const question of ["version", "cite"]) {
    program.on(`option:${question}`, () =>
      program.error(`error: --${question} cannot be combined with other arguments`),
    );
  }
  return program;
}

/** What commander says of words that it does not know, with their escapes; the name that may be meant is on a line of its own. */
function errorText(text: string): string {
  const [, said = "", suggestion = ""] = /^(.*?)\n?(\(Did you mean [^\n]*\))?\n*$/s.exec(text) ?? [];
  return [said, suggestion].flatMap((line) => (line === "" ? [] : `${withEscapes(line)}\n`)).join("");
}

/** Options that are commands of their own. */
export async function answer(argv: readonly string[]): Promise<string | undefined> {
  if (argv.length !== 1) return undefined;
  if (argv[0] === "--cite") return (await import("./cite.ts")).citation();
  if (argv[0] === "--version" || argv[0] === "-V") return (await import("./version.ts")).versionText();
  return undefined;
}
