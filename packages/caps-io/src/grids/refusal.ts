import { VoxplainError } from "@voxplain/core";

/** Images that one message names. */
const mostNamed = 10;

/** One error for all images that were refused: the first ten, and how many more there are. */
export function refusedImages(
  errors: readonly VoxplainError[],
  count: number,
  noun: "sessions" | "images",
): VoxplainError {
  const [first, ...others] = errors;
  if (first === undefined) throw new RangeError("nothing is refused");
  if (others.length === 0) return first;
  const lines = errors.slice(0, mostNamed).map(({ message }) => `\n  ${message}`);
  const more = errors.length - lines.length;
  return new VoxplainError(
    first.code,
    `${errors.length} of ${count} ${noun} cannot be used:${lines.join("")}${more > 0 ? `\n  and ${more} more` : ""}`,
    { cause: first },
  );
}
