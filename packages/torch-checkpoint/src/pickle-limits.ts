import { VoxplainError } from "@voxplain/core";

/** A pickle of a checkpoint is some hundred kilobytes; its tensors are stored elsewhere, only numpy arrays are inside. */
export const largestPickle = 2 ** 28;
/** Opcodes of one pickle. A tensor of a state dict takes about forty, so there is room for 50 000. */
export const mostOperations = 2 ** 21;
/** Lists, dicts, tuples, byte strings and results of calls of one pickle; an empty dict alone takes 200 bytes. */
export const mostObjects = 2 ** 18;
/** Bytes that calls may copy; without a limit a few bytes could copy a long list again and again. */
export const mostCopied = 2 ** 26;
/** Values nested deeper than this are refused: whoever walks over them must not run out of stack. */
export const deepestNesting = 256;

export function damaged(what: string, cause?: unknown): VoxplainError {
  return new VoxplainError("invalid-file", `it is damaged: ${what}`, { cause });
}

/**
 * A value of the file for a message: short, printable, and without walking over what may be endless.
 */
export function shown(value: unknown): string {
  if (typeof value === "string") return `"${printable(value)}"`;
  if (typeof value === "bigint") return "a huge integer";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Map) return "a dict";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** The beginning of a text, with nothing in it that a terminal would obey. */
export function printable(text: string): string {
  return text.slice(0, 100).replace(/[^\x20-\x7e]/g, "?");
}
