import { VoxplainError } from "@voxplain/core";

/** Why nothing comes out of a list of which no session could be used: what was wrong with the first, and how many there are. */
export function noneUsable([first, ...others]: readonly VoxplainError[]): VoxplainError {
  if (first === undefined) return new VoxplainError("not-found", "there is no image to explain");
  if (others.length === 0) return first;
  return new VoxplainError(
    first.code,
    `none of the ${others.length + 1} sessions can be used; the first: ${first.message}`,
    { cause: first },
  );
}
