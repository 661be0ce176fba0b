import { VoxplainError } from "@voxplain/core";
import type { MethodOption, MethodOptionValue } from "./method-options.ts";

/** Whether an option can have this value. */
export function isOfKind(option: MethodOption, value: MethodOptionValue): boolean {
  switch (option.kind) {
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    case "integer":
      return Number.isSafeInteger(value);
    case "boolean":
      return typeof value === "boolean";
    case "layer":
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
      return typeof value === "object" && "compute" in value;
  }
}

/** The choice that an alias stands for; any other value as it is. */
export function choiceOf<Value>({ aliases }: MethodOption, value: Value): Value | string {
  if (typeof value !== "string" || aliases === undefined || !Object.hasOwn(aliases, value)) return value;
  return aliases[value] ?? value;
}

/** @param known - The names of all options, written as `name` is. */
export function unknownOption(method: string, name: string, known: readonly string[]): VoxplainError {
  const problem = `the method ${method} has no option "${name}"`;
  if (known.length === 0) return new VoxplainError("invalid-argument", `${problem}: it has no options`);
  return new VoxplainError("invalid-argument", problem, { expected: oneOf(known) });
}

/** "a" or "one of a, b". */
export function oneOf(words: readonly string[]): string {
  return words.length === 1 ? words.join() : `one of ${words.join(", ")}`;
}

/**
 * Reads the text of an option of a kind that is written as text.
 * @throws VoxplainError `invalid-argument` naming the option and the text; also for an option of a kind
 * that is not text, such as an image, which the caller must read.
 */
export function parseMethodOption(name: string, option: MethodOption, text: string): MethodOptionValue {
  const value = readText(option, text);
  if (value === undefined || !isOfKind(option, value)) {
    throw new VoxplainError("invalid-argument", `"${text}" is not a value of "${name}"`, {
      expected: option.choices
        ? oneOf(option.choices)
        : (expected[option.kind] ?? `${option.kind} read from a file`),
    });
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
    case "layer":
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
