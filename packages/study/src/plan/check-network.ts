import { errorAt, isVoxplainError, VoxplainError } from "@voxplain/core";
import type { LoadedNetwork } from "@voxplain/model-loader";
import { type ChosenMethod, checkDifferentiable } from "@voxplain/saliency";
import type { Model, NetworkChoice } from "../model/model.ts";
import type { CohortImages } from "./cohort-images.ts";
import type { Target } from "./request.ts";

/** What is to be done with a network. */
interface Use {
  readonly method: ChosenMethod | undefined;
  readonly target: Target;
}

/**
 * Looks whether a network, or each of those of the parts, can do what is asked: whether it has a gradient where the method
 * needs one. That is known before an image is read, as far as the shape of its input is.
 * @throws VoxplainError `unsupported` naming the file, and the methods that need no gradient; `invalid-argument` for a
 * class that it does not have.
 */
export async function checkNetwork(
  model: Model,
  choice: NetworkChoice,
  inputDims: readonly number[] | undefined,
  { method, target }: Use,
): Promise<void> {
  if (inputDims === undefined) return;
  const count = model.networkCount(choice) ?? 1;
  for (let part = 0; part < count; part++) {
    const network = await loadIfFits(model, choice, inputDims, part);
    if (network === undefined) continue;
    if (method === undefined) continue;
    if (typeof target === "number") checkTarget(network, target);
    // Networks that are put together from weights have gradients.
    if (method.needs !== "gradient" || !network.file.endsWith(".onnx")) continue;
    try {
      checkDifferentiable(network);
    } catch (error) {
      throw isVoxplainError(error) ? errorAt(error, { file: `${model.source.name}/${network.file}` }) : error;
    }
  }
}

/** The dims of one input: of whole images as their headers have it, else as the training made them. */
export function inputDimsOf(
  { parts, input: { dims } }: Model,
  { grids }: Pick<CohortImages, "grids">,
): readonly number[] | undefined {
  const shapes = new Set(grids.map(({ shape }) => shape?.join()));
  const shape = parts.mode === "image" && shapes.size === 1 ? grids[0]?.shape : undefined;
  if (shape !== undefined) return [dims?.[0] ?? 1, ...shape];
  const known = dims?.filter((length) => length !== null);
  return known?.length === dims?.length ? known : undefined;
}

/** Undefined where it does not fit images of these dims: as they are read they may be others. */
async function loadIfFits(
  model: Model,
  choice: NetworkChoice,
  inputDims: readonly number[],
  part: number,
): Promise<LoadedNetwork | undefined> {
  try {
    return await model.load(choice, { inputDims, part });
  } catch (error) {
    if (isVoxplainError(error, "mismatch")) return undefined;
    throw error;
  }
}

function checkTarget({ classCount, file }: LoadedNetwork, target: number): void {
  if (Number.isInteger(target) && target >= 0 && target < classCount) return;
  throw new VoxplainError("invalid-argument", `the target class ${target} does not exist`, {
    file,
    expected: `a class from 0 to ${classCount - 1}`,
  });
}
