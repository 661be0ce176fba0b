import { VoxplainError } from "@voxplain/core";
import type { AttributionMethod } from "./attribution.ts";
import type {
  MethodEntry,
  MethodOption,
  MethodOptions,
  MethodOptionValue,
  ValuesOf,
} from "./method-options.ts";

/** A row of the table of methods, whose `create` gets the options that it declares, checked and typed. */
export function defineMethod<const O extends MethodOptions>(row: {
  readonly summary: string;
  readonly paper: string;
  /** False for what only compares logits; default true. */
  readonly needsGradient?: boolean;
  readonly options: O;
  readonly create: (values: ValuesOf<O>) => AttributionMethod;
}): MethodEntry {
  const { summary, paper, needsGradient = true, options } = row;
  return {
    summary,
    paper,
    needsGradient,
    options,
    create: (values = {}) => {
      for (const name of Object.keys(values)) {
        if (!(name in options)) throw unknownOption(name, options);
      }
      const complete = Object.entries(options).map(([name, option]) => {
        const value = values[name] ?? (option.kind === "method" ? undefined : option.default);
        checkOption(name, option, value as MethodOptionValue | undefined);
        return [name, choiceOf(option, value)];
      });
      // Each value was checked against the kind that the option declares.
      return row.create(Object.fromEntries(complete) as ValuesOf<O>);
    },
  };
}

function unknownOption(name: string, options: MethodOptions): VoxplainError {
  const names = Object.keys(options);
  const known = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
  return new VoxplainError("invalid-argument", `this method has no option "${name}": ${known}`);
}

function checkOption(name: string, option: MethodOption, value: MethodOptionValue | undefined): void {
  if (value === undefined) {
    if (option.required)
      throw new VoxplainError("invalid-argument", `the option "${name}" is missing: ${option.doc}`);
    return;
  }
  if (!isOfKind(option, value)) {
    const wanted = option.choices ? `one of ${option.choices.join(", ")}` : `of the kind ${option.kind}`;
    const found =
      typeof value === "object" || typeof value === "function" ? typeof value : JSON.stringify(value);
    throw new VoxplainError("invalid-argument", `the option "${name}" must be ${wanted}, not ${found}`);
  }
}

/** The choice that an alias stands for; any other value as it is. */
function choiceOf<Value>({ aliases }: MethodOption, value: Value): Value | string {
  return (
    (typeof value === "string" && aliases !== undefined && Object.hasOwn(aliases, value) && aliases[value]) ||
    value
  );
}

function isOfKind(option: MethodOption, value: MethodOptionValue): boolean {
  switch (option.kind) {
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    case "integer":
      return Number.isSafeInteger(value);
    case "boolean":
      return typeof value === "boolean";
    case "text":
      return typeof value === "string";
    case "choice":
      return typeof value === "string" && (option.choices?.includes(choiceOf(option, value)) ?? false);
    case "numbers":
    case "voxel-size":
      return Array.isArray(value) && value.every(Number.isFinite);
    case "image":
    case "labels":
      return typeof value === "object" && "dims" in value;
    case "cohort":
      return typeof value === "object" && "read" in value;
    case "method":
      return typeof value === "function";
  }
}

/**
 * Reads the text of an option of a kind that is written as text.
 * @throws VoxplainError `invalid-argument` naming the option and the text; also for an option of a kind
 * that is no text, such as an image, which the caller must read.
 */
export function parseMethodOption(name: string, option: MethodOption, text: string): MethodOptionValue {
  const value = readText(option, text);
  if (value === undefined || !isOfKind(option, value)) {
    const wanted =
      option.choices?.join(", ") ?? expected[option.kind] ?? `read from the file: ${option.kind}`;
    throw new VoxplainError("invalid-argument", `"${text}" is no value for "${name}"; it must be ${wanted}`);
  }
  return choiceOf(option, value);
}

const expected: Readonly<Partial<Record<MethodOption["kind"], string>>> = {
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  numbers: "one number, or one for each axis, separated by commas",
};

function readText({ kind }: MethodOption, text: string): MethodOptionValue | undefined {
  switch (kind) {
    case "number":
    case "integer":
      return numberOf(text);
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "numbers":
      return text.split(",").map(numberOf);
    case "text":
    case "choice":
      return text;
    default:
      return undefined;
  }
}

/** Number("") would be 0. */
function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}
