import { join } from "node:path";
import { VoxplainError } from "@voxplain/core";
import type { NetworkChoice } from "@voxplain/study";

/** What a result is called, beside its network. */
export interface ResultName {
  /** "gradients" for maps, "predictions" for predictions. */
  readonly kind: "gradients" | "predictions";
  /** The name of the task, which `checkTaskName` accepts. */
  readonly name: string;
}

/**
 * Where the result of a network is below a model folder or another one: `<fold>/<kind>/<selection>/<name>`, where a fold is
 * `fold-<i>` or `split-<i>`; of an ONNX file, which has neither, `<kind>/<name>`.
 */
export function taskFolder({ foldName, selection }: NetworkChoice, { kind, name }: ResultName): string {
  return join(foldName ?? "", kind, selection ?? "", name);
}

/** Bytes: names of files beside a result have its name in them, and systems allow 255. */
const longestName = 180;

/**
 * The name of a task becomes a folder: it may not lead elsewhere, nor be hidden, nor too long.
 * @throws VoxplainError `invalid-argument`.
 */
export function checkTaskName(name: string): void {
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > longestName) {
    throw new VoxplainError("invalid-argument", "the name of a task becomes the name of a folder", {
      expected: `at most ${longestName} bytes`,
      found: String(bytes),
    });
  }
  // A dot is in front of what is kept of a result that is not complete.
  if (/^[^/\\\0.][^/\\\0]*$/.test(name)) return;
  throw new VoxplainError(
    "invalid-argument",
    `"${name}" cannot be the name of a task: it becomes the name of a folder`,
  );
}
