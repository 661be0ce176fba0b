import { VoxplainError } from "@voxplain/core";
import { methodEntries, type OptionTexts, snakeCase } from "@voxplain/saliency";
import type { CheckRequest } from "@voxplain/study";

/** The options that choose a method, and checks of its maps, under the names they have on the command line. */
export interface MethodFlags {
  readonly method: string;
  /** "name=value", names in snake_case. */
  readonly method_options?: readonly string[];
  readonly layer?: string;
  readonly seed?: number;
  readonly chunk_size?: number;
  /** Names of checks; true, as "all", for every one. */
  readonly checks?: readonly string[] | true | undefined;
}

/** What is measured of each map; undefined where nothing is. */
export function checkRequest({ checks, seed, chunk_size }: MethodFlags): CheckRequest | undefined {
  if (checks === undefined) return undefined;
  return { names: checks === true ? ["all"] : checks, seed, chunkSize: chunk_size };
}

/**
 * The options of the method by their names in snake_case. Seed and chunk size may be for the checks alone.
 * @throws VoxplainError `invalid-argument` for what is not name=value, or is given twice.
 */
export function methodTexts(flags: MethodFlags): OptionTexts {
  const texts: Record<string, string> = {};
  const add = (name: string, text: string) => {
    if (Object.hasOwn(texts, name)) {
      throw new VoxplainError("invalid-argument", `the option "${name}" of the method is given twice`);
    }
    texts[name] = text;
  };
  for (const text of flags.method_options ?? []) {
    const split = text.indexOf("=");
    if (split < 1) {
      throw new VoxplainError("invalid-argument", "malformed option of the method (--method_options)", {
        expected: "name=value, such as steps=32",
        found: `"${text}"`,
      });
    }
    add(snakeCase(text.slice(0, split)), text.slice(split + 1));
  }
  if (flags.layer !== undefined) add("layer", flags.layer);
  const options = methodEntries(flags.method, texts).flatMap((entry) => Object.keys(entry?.options ?? {}));
  const names = options.map(snakeCase);
  for (const name of ["seed", "chunk_size"] as const) {
    const value = flags[name];
    if (value === undefined || (flags.checks !== undefined && !names.includes(name))) continue;
    add(name, String(value));
  }
  return texts;
}
