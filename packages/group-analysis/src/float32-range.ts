import { VoxplainError } from "@voxplain/core";

const largest = 3.4028234663852886e38;

/**
 * Checks that float32, as which maps are kept in files, can hold the values.
 * @param name - What the message calls them.
 * @param hint - How to make them smaller.
 * @throws VoxplainError `not-finite` with the first value that is too large or no number.
 */
export function checkFloat32(values: ArrayLike<number> | undefined, name: string, hint: string): void {
  const { length = 0 } = values ?? {};
  for (let v = 0; v < length; v++) {
    const value = values?.[v] ?? 0;
    if (Math.abs(value) <= largest) continue;
    throw new VoxplainError("not-finite", `${name} cannot be held by float32`, {
      found: String(value),
      hint,
    });
  }
}
