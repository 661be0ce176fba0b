import { type Command, Help, type Option } from "commander";

/** What a shell may put in the place of a word. */
export interface Offer {
  readonly word: string;
  readonly description: string;
}

/**
 * Values of options that the program itself does not restrict, by the option's long name; loaded when they are asked for.
 * @param words - Those of the line, among which the model is.
 */
const known: Readonly<Record<string, (words: readonly string[]) => Promise<readonly string[]>>> = {
  "--selection": async (words) => (await (await import("./of-model.ts")).valuesOfModel(words)).selections,
  "--data_group": async (words) => (await (await import("./of-model.ts")).valuesOfModel(words)).groups,
  "--target_label": async (words) => (await (await import("./of-model.ts")).valuesOfModel(words)).labels,
  "--method": async () => Object.keys((await import("@voxplain/saliency")).methods),
  "--checks": async () => ["all", ...(await import("@voxplain/study")).checkNames],
  "--help": async () => ["all"],
};

/**
 * What the last word of a line can become: a command, an option, or one of several values.
 * @param words - Those after "voxplain"; the last one may be empty.
 * @returns Nothing where a path or something free is expected.
 */
export async function offersFor(program: Command, words: readonly string[]): Promise<Offer[]> {
  const typed = words.at(-1) ?? "";
  return (await allOffers(program, words)).filter(({ word }) => word.startsWith(typed));
}

async function allOffers(program: Command, [name, ...words]: readonly string[]): Promise<Offer[]> {
  const help = new Help();
  const commands = help.visibleCommands(program);
  if (words.length === 0)
    return [...commands.map(commandOffer), ...optionOffers(help.visibleOptions(program))];
  const command = commands.find((one) => one.name() === name);
  if (command === undefined) return [];
  const options = help.visibleOptions(command);
  if (words.at(-1)?.startsWith("-")) return optionOffers(options);
  const before = words.slice(0, -1);
  const at = before.findLastIndex((word) => word.startsWith("-"));
  const option = options.find(({ short, long }) => at >= 0 && [short, long].includes(before[at]));
  const values = option?.variadic || at === before.length - 1 ? await valuesOf(option, before) : [];
  return values.length === 0 && before.length === 0 ? firstArguments(command, program) : values.map(plain);
}

async function valuesOf(option: Option | undefined, words: readonly string[]): Promise<readonly string[]> {
  return option?.argChoices ?? (await known[option?.long ?? ""]?.(words)) ?? [];
}

/** "help" takes the name of a command, which commander does not state. */
function firstArguments(command: Command, program: Command): Offer[] {
  const [argument] = command.registeredArguments;
  return argument?.name() === "command"
    ? program.commands.map(commandOffer)
    : (argument?.argChoices ?? []).map(plain);
}

const plain = (word: string): Offer => ({ word, description: "" });

function commandOffer(command: Command): Offer {
  return { word: command.name(), description: command.summary() || firstClause(command.description()) };
}

function optionOffers(options: readonly Option[]): Offer[] {
  return options.flatMap(({ short, long, description }) =>
    [short, long].flatMap((word) =>
      word === undefined ? [] : [{ word, description: firstClause(description) }],
    ),
  );
}

/** Shells show one short line. */
function firstClause(text: string): string {
  return text.split(/[\n;]|\. /, 1)[0]?.trim() ?? "";
}

/** One offer a line, as each shell reads them. */
export function printed(offers: readonly Offer[], shell: "bash" | "zsh" | "fish"): string {
  const line = ({ word, description }: Offer) => {
    if (shell === "bash" || description === "") return word;
    return shell === "fish" ? `${word}\t${description}` : `${word}:${description.replaceAll(":", "\\:")}`;
  };
  return offers.map((offer) => `${line(offer)}\n`).join("");
}
