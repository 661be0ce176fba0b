import { VoxplainError } from "@voxplain/core";
import { methodEntries } from "@voxplain/saliency";
import { checkNamesOf } from "../checks/choose-checks.ts";
import type { Request } from "./request.ts";

/**
 * Looks for what is wrong with the request itself, whatever the images are.
 * @throws VoxplainError `invalid-argument`.
 */
export function checkRequest(request: Request): void {
  const { result, method = "gradients", options, checks, throughNormalization } = request;
  checkNumbers(request);
  if (checks !== undefined) checkNamesOf(checks);
  if (result === "predictions") return;
  const { name, isDerivative } = typeof method === "string" ? methodEntries(method, options)[0] : method;
  // Other maps than gradients have no chain rule to be carried through a normalization with.
  if (!throughNormalization || isDerivative) return;
  throw new VoxplainError(
    "invalid-argument",
    `a map of ${name} is not a derivative that can be carried through the normalization (--through_normalization)`,
  );
}

/** Programs that are not type-checked give what they like. */
function checkNumbers({ folds, selections, target = "predicted", batchSize = 2, readAhead = 2 }: Request) {
  if (folds?.length === 0) throw refused("the list of folds", "at least one fold", "none");
  if (selections?.length === 0) throw refused("the list of selections", "at least one selection", "none");
  if (!isWhole(batchSize, 1)) throw refused("the batch size", "a whole number from 1", batchSize);
  if (!isWhole(readAhead, 0)) throw refused("the number of images read ahead", "a whole number", readAhead);
  const isTarget =
    target === "predicted" ||
    typeof target === "number" ||
    ("label" in target
      ? typeof target.label === "string"
      : Array.isArray(target.index) && target.index.every((index) => isWhole(index, 0)));
  if (!isTarget)
    throw refused("the target", 'a class, "predicted", a label or indices', JSON.stringify(target));
}

function isWhole(value: number, least: number): boolean {
  return Number.isInteger(value) && value >= least;
}

function refused(what: string, expected: string, found: unknown): VoxplainError {
  return new VoxplainError("invalid-argument", `${what} cannot be used`, { expected, found: String(found) });
}
