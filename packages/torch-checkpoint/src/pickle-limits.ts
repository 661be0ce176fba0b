import { VoxplainError } from "@voxplain/core";

/** A pickle of a checkpoint is some hundred kilobytes; its tensors lie elsewhere. */
export const largestPickle = 2 ** 28;
/** Values nested deeper than this are refused: whoever walks over them must not run out of stack. */
export const deepestNesting = 256;

export function damaged(what: string, cause?: unknown): VoxplainError {
  return new VoxplainError("invalid-file", `it is damaged: ${what}`, { cause });
}
