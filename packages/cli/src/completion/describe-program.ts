import type { Argument, Command, Option } from "commander";

/** What a shell has to know of a command line. */
export interface CompletedProgram {
  readonly name: string;
  readonly options: readonly CompletedOption[];
  readonly commands: readonly CompletedCommand[];
}

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** What the first argument can be; empty where it is a path. */
  readonly firstArgument: readonly string[];
}

export interface CompletedOption {
  /** Such as `["-d", "--diagnosis"]`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takes: "nothing" | "one value" | "values";
  /** What a value can be; empty where it is a path or free. */
  readonly values: readonly string[];
}

/** @param known - Values, by the option's long name, of options that the program itself does not restrict. */
export function describeProgram(
  program: Command,
  known: Readonly<Record<string, readonly string[]>>,
): CompletedProgram {
  const describeOption = ({
    short,
    long,
    description,
    required,
    optional,
    variadic,
    argChoices,
  }: Option) => ({
    names: [short, long].filter((name) => name !== undefined),
    description: firstClause(description),
    takes: variadic
      ? ("values" as const)
      : required || optional
        ? ("one value" as const)
        : ("nothing" as const),
    values: argChoices ?? known[long ?? ""] ?? [],
  });
  const optionsOf = (command: Command) => command.createHelp().visibleOptions(command).map(describeOption);
  return {
    name: program.name(),
    options: optionsOf(program),
    commands: program
      .createHelp()
      .visibleCommands(program)
      .map((command) => ({
        name: command.name(),
        description: command.summary() || firstClause(command.description()),
        options: optionsOf(command),
        firstArgument: argumentValues(command.registeredArguments[0], program),
      })),
  };
}

/** "help" takes the name of a command; commander does not tell. */
function argumentValues(argument: Argument | undefined, program: Command): readonly string[] {
  if (argument?.name() === "command") return program.commands.map((command) => command.name());
  return argument?.argChoices ?? [];
}

/** Shells show one short line. */
function firstClause(text: string): string {
  return text.split(/[\n;]|\. /, 1)[0]!.trim();
}
