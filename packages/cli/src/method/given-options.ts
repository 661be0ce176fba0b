import { VoxplainError } from "@voxplain/core";
import type { MethodFlags } from "./options.ts";

/** An option of a method as it was typed. */
export interface GivenOption {
  /** In snake_case. */
  readonly name: string;
  readonly text: string;
  /** Where it has a flag of its own: "--seed". */
  readonly flag?: string;
}

/** @throws VoxplainError `invalid-argument` for what is not name=value, or is given twice. */
export function readGivenOptions(flags: MethodFlags): readonly GivenOption[] {
  const given: GivenOption[] = (flags.method_options ?? []).map((text) => {
    const split = text.indexOf("=");
    if (split < 1) {
      throw new VoxplainError(
        "invalid-argument",
        `"${text}" (--method_options) is not of the form name=value, such as steps=32`,
      );
    }
    return { name: snakeCase(text.slice(0, split)), text: text.slice(split + 1) };
  });
  for (const name of ["layer", "seed", "chunk_size"] as const) {
    const value = flags[name];
    if (value !== undefined) given.push({ name, text: String(value), flag: `--${name}` });
  }
  const repeated = given.find(({ name }, k) => given.findIndex((other) => other.name === name) !== k);
  if (repeated === undefined) return given;
  throw new VoxplainError("invalid-argument", `the option "${repeated.name}" of the method is given twice`);
}

export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
