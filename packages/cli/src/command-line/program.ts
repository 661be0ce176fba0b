import { Command } from "commander";
import { addCompletion } from "../completion/command.ts";
import { addDifferentiate } from "../differentiate/command.ts";
import { addDoctor } from "../doctor/command.ts";
import { addExplain } from "../explain/command.ts";
import { addInspect } from "../inspect/command.ts";
import { addInterpret } from "../interpret/command.ts";
import { addMethods } from "../methods/command.ts";
import { addPredict } from "../predict/command.ts";

export interface CommandContext {
  /** The words behind "voxplain". */
  readonly argv: readonly string[];
  /** Told the exit status of a command that did not fail. */
  readonly onStatus: (status: number) => void;
  /** What the help of commands that explain says of the methods' options. */
  readonly methodOptions?: string | undefined;
}

/** What only help needs of the methods: their table is not loaded for anything else. */
export async function methodOptionsFor(argv: readonly string[]): Promise<string | undefined> {
  const asksForHelp = argv.some((word) => ["help", "--help", "-h"].includes(word));
  const explains = argv.some((word) => ["explain", "interpret"].includes(word));
  if (!asksForHelp || !explains) return undefined;
  return (await import("../methods/describe-methods.ts")).listMethodOptions();
}

/** The command line as data; what a command does is loaded when it runs, so that --help is quick. */
export function createProgram(context: CommandContext): Command {
  const program = new Command("voxplain")
    .description("Explains what a brain-MRI neural network looked at, voxel by voxel.")
    .option("-V, --version", "print the versions, and what can be computed with")
    .option("--cite", "print how to cite it")
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
  addDoctor(program, context);
  addCompletion(program);
  for (const question of ["version", "cite"]) {
    program.on(`option:${question}`, () => program.error(`error: --${question} has to stand alone`));
  }
  return program;
}

/** Options that are commands of their own: they stand alone. */
export async function answer(argv: readonly string[]): Promise<string | undefined> {
  if (argv.length !== 1) return undefined;
  if (argv[0] === "--cite") return (await import("./cite.ts")).citation();
  if (argv[0] === "--version" || argv[0] === "-V") return (await import("./version.ts")).versionText();
  return undefined;
}
