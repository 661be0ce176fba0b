import { VoxplainError } from "@voxplain/core";
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
import type { PlannedMethod } from "./expected-passes.ts";
import { takesMethod } from "./takes-method.ts";

/** What no one writes as text. */
export interface MethodSources {
  /** Of the open atlas. */
  readonly labels: LabelVolume | undefined;
  /** The other images. @throws VoxplainError where there are none to compare with. */
  readonly cohort: () => Cohort;
  /** Millimetres between voxels along each axis, where they are known. */
  readonly voxelSize: readonly number[] | undefined;
}

export interface ChosenMethod {
  readonly compute: AttributionMethod;
  readonly plan: PlannedMethod;
}

/**
 * The method that a request asks for. Its options are also those of the method inside it, where that has
 * options of the same name.
 * @throws VoxplainError `invalid-argument` for an unknown method or option, or a text that is no value of it.
 */
export function chooseMethod(
  name: string,
  options: Readonly<Record<string, string>>,
  sources: MethodSources,
): ChosenMethod {
  const given = new Map(Object.entries(options).filter(([, text]) => text.trim() !== ""));
  const used = new Set<string>();
  const chosen = create(name, given, sources, used);
  const unknown = [...given.keys()].find((option) => !used.has(option));
  if (unknown === undefined) return chosen;
  const known = Object.keys(entryOf(name).options).join(", ");
  throw new VoxplainError(
    "invalid-argument",
    `the method ${name} has no option "${unknown}"; ${known === "" ? "it has no options" : `its options are ${known}`}`,
  );
}

function create(
  name: string,
  given: ReadonlyMap<string, string>,
  sources: MethodSources,
  used: Set<string>,
): ChosenMethod {
  const entry = entryOf(name);
  const values: Record<string, MethodOptionValue> = {};
  const defaults: Record<string, MethodOptionValue> = {};
  let inner: PlannedMethod | undefined;
  for (const [option, row] of Object.entries(entry.options)) {
    const text = given.get(option);
    if (text !== undefined) used.add(option);
    if (row.kind === "method") {
      const innerName = text ?? String(row.default ?? "gradients");
      if (takesMethod(entryOf(innerName))) {
        throw new VoxplainError("invalid-argument", `${innerName} cannot be the method inside another one`);
      }
      const chosen = create(innerName, given, sources, used);
      values[option] = chosen.compute;
      inner = chosen.plan;
      continue;
    }
    const value = readValue(option, row, text, sources);
    if (value !== undefined) values[option] = value;
    else if (row.default !== undefined) defaults[option] = row.default as MethodOptionValue;
  }
  return {
    compute: entry.create(values),
    plan: { name, values: { ...defaults, ...values }, ...(inner && { inner }) },
  };
}

function readValue(
  name: string,
  option: MethodOption,
  text: string | undefined,
  sources: MethodSources,
): MethodOptionValue | undefined {
  switch (option.kind) {
    case "voxel-size":
      return sources.voxelSize;
    case "labels":
      return text === "grid" ? undefined : sources.labels;
    case "cohort":
      return sources.cohort();
    case "image":
      return undefined;
    default:
      return text === undefined ? undefined : parseMethodOption(name, option, text);
  }
}

function entryOf(name: string): MethodEntry {
  const entries: Readonly<Record<string, MethodEntry>> = methods;
  if (Object.hasOwn(entries, name)) return entries[name]!;
  throw new VoxplainError(
    "invalid-argument",
    `there is no method "${name}"; there are ${Object.keys(entries).join(", ")}`,
  );
}
