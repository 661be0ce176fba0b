import { type Command, Help, Option } from "commander";

const helpWords: readonly string[] = ["--help", "-h", "help"];

/** Whether the words behind "voxplain" ask for every option: `interpret --help all`, `help interpret all`. */
export function asksForAllHelp(argv: readonly string[]): boolean {
  const [first, , third] = argv;
  return (
    argv.some((word, k) => helpWords.includes(word) && argv[k + 1] === "all") ||
    (first === "help" && third === "all")
  );
}

/** What `--help` shows of a command that has more options than fit on a screen. */
export interface HelpTexts {
  /** Long names of the options that most users need. */
  readonly mostUsed: readonly string[];
  /** What `--help all` explains beside the options. */
  readonly more: string;
  readonly examples: string;
}

/** Shows the options that most users need, in their groups, or with `--help all` everything. */
export function addHelp(
  command: Command,
  argv: readonly string[],
  { mostUsed, more, examples }: HelpTexts,
): void {
  const description = "show the options that most users need, or all options";
  command.addHelpOption(new Option("-h, --help [all]", description).helpGroup("Help:"));
  if (asksForAllHelp(argv)) {
    command.addHelpText("after", `\n${more}\n\n${examples}`);
    return;
  }
  // Otherwise all options stay visible, of which a misspelt one may be.
  if (!argv.some((word) => helpWords.includes(word))) return;
  const shown = new Set([...mostUsed, "--help"]);
  const isShown = ({ long }: Option) => long !== undefined && shown.has(long);
  const others = command.options.filter((option) => !isShown(option)).length;
  const all = `voxplain ${command.name()} --help all`;
  command
    .configureHelp({
      ...command.configureHelp(),
      visibleOptions: (one) => new Help().visibleOptions(one).filter(isShown),
    })
    .addHelpText("after", `\n${others} more options, and what is written: ${all}\n\n${examples}`);
}

/** An option that is off unless it is given needs no "(default: false)". */
export function optionDescription(option: Option): string {
  const isFlag = option.isBoolean() && option.defaultValue === false;
  return isFlag ? option.description : new Help().optionDescription(option);
}
