import { errorAt, isVoxplainError, VoxplainError } from "@voxplain/core";
import type { LoadedNetwork } from "@voxplain/model-loader";
import type { Dim } from "@voxplain/onnx-graph";
import { type ChosenMethod, checkDifferentiable, checkLayers } from "@voxplain/saliency";
import type { Model, NetworkChoice, NetworkRequest } from "../model/model.ts";
import type { SettledRequest } from "./request.ts";

/** What is to be done with a network. */
interface Use {
  readonly method: ChosenMethod | undefined;
  readonly request: SettledRequest;
}

/**
 * Looks whether a network, or each of those of the parts, can do what is asked: whether it has a gradient where the method
 * needs one. That is known before an image is read, as far as the shape of its input is.
 * @returns Sentences: that it gives a grid of logits for each class, and what is odd about its files.
 * @throws VoxplainError `unsupported` naming the file, and the methods that need no gradient; `invalid-argument` for a
 * class that it does not have, as the target or of a label, for a layer that it does not have, and for a target that its
 * output does not have.
 */
export async function checkNetwork(
  model: Model,
  choice: NetworkChoice,
  inputDims: readonly number[] | undefined,
  { method, request }: Use,
): Promise<readonly string[]> {
  if (inputDims === undefined) return [];
  const count = model.networkCount(choice) ?? 1;
  const { target } = request;
  let dense: string | undefined;
  const notes: string[] = [];
  for (let part = 0; part < count; part++) {
    const network = await loadIfFits(model, choice, { inputDims, part, ...outputOf(request) });
    if (network === undefined) continue;
    const file = `${model.source.name}/${network.file}`;
    notes.push(...(network.notes ?? []));
    dense ??= network.meanOver && denseSentence(file, network.meanOver, request);
    if (request.result !== "predictions" && typeof target === "number")
      checkTarget(network.classCount, target, file);
    if (typeof target !== "object") checkLabels(model, network.classCount, file);
    if (method === undefined) continue;
    try {
      checkLayers(network, method);
      // Networks that are put together from weights have gradients.
      if (method.needs === "gradient" && network.file.endsWith(".onnx")) checkDifferentiable(network);
    } catch (error) {
      throw isVoxplainError(error) ? errorAt(error, { file }) : error;
    }
  }
  return dense === undefined ? notes : [dense, ...notes];
}

/** Which logits of a network's output are asked for. */
export function outputOf({ target, region }: SettledRequest): Pick<NetworkRequest, "index" | "region"> {
  return { index: typeof target === "object" ? target.index : undefined, region };
}

function denseSentence(file: string, grid: readonly Dim[], { region = "grid" }: SettledRequest): string {
  const where =
    region === "grid"
      ? "the mean over its positions"
      : "mask" in region
        ? `the mean over ${region.mask.name}`
        : `the voxel ${region.voxel.join(",")}`;
  return `${file} gives a grid of [${grid.join(", ")}] for each class: what is explained is ${where}`;
}

/** Undefined where it does not fit images of these dims, and they may be others as they are read. */
export async function loadIfFits(
  model: Model,
  choice: NetworkChoice,
  request: NetworkRequest,
): Promise<LoadedNetwork | undefined> {
  try {
    return await model.load(choice, request);
  } catch (error) {
    if (isVoxplainError(error, "mismatch") && model.input.preparation.kind === "caps") return undefined;
    throw error;
  }
}

function checkTarget(classCount: number, target: number, file: string): void {
  if (Number.isInteger(target) && target >= 0 && target < classCount) return;
  throw new VoxplainError("invalid-argument", `the target class ${target} does not exist`, {
    file,
    expected: expectedClass(classCount),
  });
}

function checkLabels({ labels }: Model, classCount: number, file: string): void {
  const above = [...(labels?.nodes ?? [])].filter(([, node]) => node >= classCount);
  if (labels === undefined || above.length === 0) return;
  const values = above.map(([value, node]) => `${value} (${node})`).join(", ");
  throw new VoxplainError("invalid-argument", `the network has no class for the ${labels.column} ${values}`, {
    file,
    expected: expectedClass(classCount),
  });
}

function expectedClass(classCount: number): string {
  return `a class from 0 to ${classCount - 1}`;
}
