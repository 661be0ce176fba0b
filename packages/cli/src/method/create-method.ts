import { type Tensor, VoxplainError } from "@voxplain/core";
import {
  type AttributionMethod,
  type Cohort,
  type LabelVolume,
  type MethodEntry,
  type MethodOption,
  type MethodOptionValue,
  methods,
  parseMethodOption,
} from "@voxplain/saliency";
import { type GivenOption, readGivenOptions, snakeCase } from "./given-options.ts";
import type { MethodFlags } from "./options.ts";

/** What the files and words behind some options are, which only the command knows. */
export interface MethodSources {
  /** An image to compare with, prepared like the inputs: [...inputDims]. */
  readonly image: (path: string) => Promise<Tensor<"float32">>;
  /** A whole number per voxel of the images' grid. */
  readonly labels: (path: string) => Promise<LabelVolume>;
  /** The inputs that a word names: a diagnosis, a folder. */
  readonly cohort: (text: string) => Promise<Cohort>;
  /** Millimetres between voxels along each spatial axis, where that is known. */
  readonly voxelSize: () => Promise<readonly number[] | undefined>;
}

/** A method that was chosen on the command line. */
export interface ChosenMethod {
  readonly name: string;
  readonly compute: AttributionMethod;
  /** Every option of the method with its value, as text or number, for the record. */
  readonly options: Readonly<Record<string, unknown>>;
  /** null where nothing is drawn at random. */
  readonly seed: number | null;
}

/**
 * Makes the method that the command line asks for.
 * @throws VoxplainError `invalid-argument` for an unknown method or option, saying which there are.
 */
export async function createMethod(flags: MethodFlags, sources: MethodSources): Promise<ChosenMethod> {
  const given = readGivenOptions(flags);
  const entry = entryOf(flags.method);
  const used = new Set<GivenOption>();
  const chosen = await create(flags.method, entry, given, sources, used);
  const isForChecks = ({ flag }: GivenOption) =>
    flags.checks !== undefined && (flag === "--seed" || flag === "--chunk_size");
  const unused = given.find((option) => !used.has(option) && !isForChecks(option));
  if (unused !== undefined) throw unknownOption(flags.method, entry, unused);
  return chosen;
}

async function create(
  name: string,
  entry: MethodEntry,
  given: readonly GivenOption[],
  sources: MethodSources,
  used: Set<GivenOption>,
): Promise<ChosenMethod> {
  const values: Record<string, MethodOptionValue> = {};
  const record: Record<string, unknown> = {};
  let seed: number | null = null;
  for (const [option, row] of Object.entries(entry.options)) {
    const found = given.find((one) => one.name === snakeCase(option));
    if (found) used.add(found);
    const inner = row.kind === "method" ? (found?.text ?? String(row.default ?? "gradients")) : undefined;
    if (inner !== undefined) {
      const chosen = await create(inner, innerEntryOf(inner, name, option), given, sources, used);
      values[option] = chosen.compute;
      record[snakeCase(option)] = { method: inner, ...chosen.options };
      continue;
    }
    const value = await readValue(option, row, found, sources);
    if (value !== undefined) values[option] = value;
    record[snakeCase(option)] = found?.text ?? plain(value ?? row.default);
    if (option === "seed") seed = Number(value ?? row.default);
  }
  return { name, compute: entry.create(values), options: record, seed };
}

async function readValue(
  name: string,
  option: MethodOption,
  given: GivenOption | undefined,
  sources: MethodSources,
): Promise<MethodOptionValue | undefined> {
  if (option.kind === "voxel-size") return sources.voxelSize();
  if (given === undefined) return undefined;
  switch (option.kind) {
    case "image":
      return sources.image(given.text);
    case "labels":
      return sources.labels(given.text);
    case "cohort":
      return sources.cohort(given.text);
    default:
      return parseMethodOption(snakeCase(name), option, given.text);
  }
}

function plain(value: unknown): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? null : (value ?? null);
}

function entryOf(name: string): MethodEntry {
  const entries: Readonly<Record<string, MethodEntry>> = methods;
  if (Object.hasOwn(entries, name)) return entries[name]!;
  throw new VoxplainError(
    "invalid-argument",
    `there is no method "${name}"; there are ${Object.keys(entries).join(", ")}`,
  );
}

/** The options of a method and of its inner one are given side by side, so that this one cannot have an inner one, too. */
function innerEntryOf(name: string, outer: string, option: string): MethodEntry {
  const entry = entryOf(name);
  const further = Object.entries(entry.options).find(([, { kind }]) => kind === "method")?.[0];
  if (further === undefined) return entry;
  throw new VoxplainError(
    "invalid-argument",
    `"${name}" is no value for "${snakeCase(option)}" of ${outer}: it takes an ${snakeCase(further)} itself`,
  );
}

function unknownOption(method: string, { options }: MethodEntry, { name, flag }: GivenOption): VoxplainError {
  const names = Object.keys(options).map(snakeCase);
  const what = flag === undefined ? `has no option "${name}"` : `takes no ${flag}`;
  return new VoxplainError(
    "invalid-argument",
    `the method ${method} ${what}; ${names.length === 0 ? "it has no options" : `its options are ${names.join(", ")}`}`,
  );
}
