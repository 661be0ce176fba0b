import { elementCount, VoxplainError } from "@voxplain/core";

/**
 * Why an image does not fit a network; undefined where it does.
 * @param session - Whose image it is, for messages.
 * @param dims - Of the image, [C, X, Y, Z] or [C, H, W].
 */
export function shapeMisfit(
  session: string,
  dims: readonly number[],
  inputDims: readonly number[],
): VoxplainError | undefined {
  if (dims.join() === inputDims.join()) return undefined;
  return new VoxplainError("mismatch", "the image has another shape than the network takes", {
    session,
    expected: `[${inputDims.join(", ")}]`,
    found: `[${dims.join(", ")}]`,
    hint: "is it an image of another preprocessing?",
  });
}

/**
 * Values of inputs that go through a network together. A larger input keeps all threads of the processor busy: two
 * volumes of 169×208×179 at once take twice the memory and 4 % less time.
 */
export const valuesAtOnce = 2 ** 20;

/** Whether several inputs of this shape are computed faster together than one after the other. */
export function isSmallInput(inputDims: readonly number[]): boolean {
  return elementCount(inputDims) <= valuesAtOnce;
}
