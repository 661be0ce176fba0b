import { type Tensor, VoxplainError } from "@voxplain/core";
import type { ChosenMethod, OptionRecord } from "./chosen-method.ts";
import type { MethodEntry } from "./method-entry.ts";
import {
  type Cohort,
  defaultText,
  type LabelVolume,
  type MethodOption,
  type MethodOptionValue,
  snakeCase,
  writtenOptions,
} from "./method-options.ts";
import { methods } from "./methods/index.ts";
import { oneOf, parseMethodOption, unknownOption } from "./option-value.ts";

/** What is behind the texts of some options, which only the caller can read. */
export interface MethodSources {
  /** An image to compare with, prepared like the inputs: [...inputDims]. */
  readonly image?: (text: string) => Promise<Tensor<"float32">>;
  /** A whole number for each voxel of the images' grid. */
  readonly labels?: (text: string) => Promise<LabelVolume>;
  /** The inputs that a text names, such as a diagnosis or a folder. */
  readonly cohort?: (text: string) => Promise<Cohort>;
  /** Millimetres between voxels along each spatial axis, where that is known. */
  readonly voxelSize?: () => Promise<readonly number[] | undefined>;
}

/** Options as a user writes them: by their names in snake_case or camelCase. */
export type OptionTexts = Readonly<Record<string, string>>;

/**
 * The entry of a method, and of the method inside it where it takes one.
 * @throws VoxplainError `invalid-argument` for a name that no method has, or an inner method that takes another one
 * itself: both would have the same option for it; or an option that is given twice.
 */
export function methodEntries(
  name: string,
  texts: OptionTexts = {},
): readonly [MethodEntry, inner?: MethodEntry] {
  const outer = entryOf(name);
  const [option] = innerOptions(outer);
  if (option === undefined) return [outer];
  const given = textsBySnakeCase(texts).get(snakeCase(option.name)) ?? defaultText(option.declared);
  if (given === undefined) return [outer];
  const inner = entryOf(given);
  const [further] = innerOptions(inner);
  if (further === undefined) return [outer, inner];
  throw new VoxplainError(
    "invalid-argument",
    `"${given}" is not a value of "${snakeCase(option.name)}" of ${name}: it takes an ${snakeCase(further.name)} itself`,
  );
}

/**
 * The method that a user asks for in texts. Its options and those of the method inside it are given side by side; one
 * that both have holds for both.
 * @throws VoxplainError `invalid-argument` for an unknown method or option, saying which there are, and for a text
 * that is not a value; and whatever `sources` throw.
 */
export async function createMethod(
  name: string,
  texts: OptionTexts = {},
  sources: MethodSources = {},
): Promise<ChosenMethod> {
  const [outer, inner] = methodEntries(name, texts);
  const given = textsBySnakeCase(texts);
  const own = writtenOptions(outer.options);
  const known = new Map([...own, ...writtenOptions(inner?.options ?? {})]);
  const unknown = [...given.keys()].find((option) => !known.has(option));
  if (unknown !== undefined) throw unknownOption(name, unknown, [...own.keys()]);
  return create(outer, given, sources, inner && (await create(inner, given, sources)));
}

async function create(
  { options, create }: MethodEntry,
  given: ReadonlyMap<string, string>,
  sources: MethodSources,
  inner?: ChosenMethod,
): Promise<ChosenMethod> {
  const values: Record<string, MethodOptionValue> = {};
  const written: Record<string, string | OptionRecord> = {};
  for (const [option, declared] of Object.entries(options)) {
    const text = given.get(snakeCase(option));
    if (declared.kind === "method") {
      if (inner === undefined) continue;
      values[option] = inner;
      written[snakeCase(option)] = { method: inner.name, ...inner.options };
      continue;
    }
    if (text !== undefined) written[snakeCase(option)] = text;
    const value = await readValue(option, declared, text, sources);
    if (value !== undefined) values[option] = value;
  }
  const chosen = create(values);
  return { ...chosen, options: { ...chosen.options, ...written } };
}

async function readValue(
  name: string,
  option: MethodOption,
  text: string | undefined,
  { image, labels, cohort, voxelSize }: MethodSources,
): Promise<MethodOptionValue | undefined> {
  if (option.kind === "voxel-size") return voxelSize?.();
  if (text === undefined) return undefined;
  if (option.kind === "image" && image) return image(text);
  if (option.kind === "labels" && labels) return labels(text);
  if (option.kind === "cohort" && cohort) return cohort(text);
  return parseMethodOption(snakeCase(name), option, text);
}

function textsBySnakeCase(texts: OptionTexts): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const [name, text] of Object.entries(texts)) {
    const option = snakeCase(name);
    if (given.has(option)) {
      throw new VoxplainError("invalid-argument", `the option "${option}" of the method is given twice`);
    }
    given.set(option, text);
  }
  return given;
}

function innerOptions({ options }: MethodEntry) {
  return Object.entries(options).flatMap(([name, declared]) =>
    declared.kind === "method" ? [{ name, declared }] : [],
  );
}

function entryOf(name: string): MethodEntry {
  const entry = Object.values<MethodEntry>(methods).find((one) => one.name === name);
  if (entry !== undefined) return entry;
  throw new VoxplainError("invalid-argument", `there is no method "${name}"`, {
    expected: oneOf(Object.keys(methods)),
  });
}
