import { isVoxplainError, VoxplainError } from "@voxplain/core";
import { expectedInputDims, findSelection, type LoadedNetwork, loadNetwork } from "@voxplain/model-loader";
import { checkDifferentiable, methodEntries } from "@voxplain/saliency";
import { methodTexts } from "../command-line/method-flags.ts";
import type { Task } from "../job/plan-job.ts";
import type { Plan } from "./plan.ts";

/**
 * Looks whether the exported networks of a task have gradients, as far as their inputs' shape is known before an image
 * is read. Networks that are put together from weights have them.
 * @throws VoxplainError `unsupported` naming the file, and the methods that need none.
 */
export async function checkGradients(plan: Plan, task: Task): Promise<void> {
  const [outer, inner] = methodEntries(plan.arguments.method, methodTexts(plan.arguments));
  if ((inner ?? outer).needs !== "gradient") return;
  const { fold, selection } = task;
  const { onnx, networks } = findSelection(plan.folder, fold, selection);
  const inputDims = dimsOf(plan, task);
  const files = networks ?? [{ onnx, index: undefined }];
  if (inputDims === undefined) return;
  for (const { onnx: file, index } of files) {
    if (file === undefined) continue;
    let network: LoadedNetwork;
    try {
      const part = index === undefined ? {} : { network: index };
      network = await loadNetwork(plan.folder, fold, selection, { inputDims, ...part });
    } catch (error) {
      // It may fit the images as they are read; where it does not, that says why.
      if (isVoxplainError(error)) return;
      throw error;
    }
    try {
      checkDifferentiable(network);
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      throw new VoxplainError(error.code, `${plan.folder.source.name}/${file}: ${error.message}`, {
        cause: error,
      });
    }
  }
}

/** [C, X, Y, Z] of whole images as their headers have it, else as the training says. */
function dimsOf({ folder, settings }: Plan, { grids }: Task): readonly number[] | undefined {
  const shape = settings.mode === "image" ? grids[0]?.shape : undefined;
  return shape === undefined ? expectedInputDims(folder.settings) : [1, ...shape];
}
