import { type FilePath, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import { type Checkpoint, openCheckpoint, stateDict } from "@voxplain/torch-checkpoint";
import { type BuiltNetwork, buildNetwork } from "./build-network.ts";
import { findSelection, type ModelFolder } from "./model-folder.ts";
import { loadOnnxNetwork } from "./onnx-network.ts";

/** A trained network as a graph. */
export interface TrainedModel extends BuiltNetwork {
  /** The file in the model folder that its weights are from. */
  readonly file: FilePath;
  /** Epoch of the training after which it was saved. */
  readonly epoch?: number;
  /** Set where an exported network takes batches of this length only. */
  readonly fixedBatch?: number;
}

export interface LoadOptions {
  /** Dims of one input, without the batch axis: [C, X, Y, Z] or [C, H, W]. */
  readonly inputDims: readonly number[];
}

/**
 * Loads a network of a model folder: its `model_best.onnx` where there is one, else its
 * `model_best.pth.tar`, whose weights are read only when the graph is.
 * @throws VoxplainError `not-found` for a fold or selection that is not there, listing those that are;
 * `unsupported` for multi-CNN models, autoencoders and unknown architectures; `mismatch` when weights,
 * architecture and input do not fit; and what opening the file throws.
 */
export async function loadNetwork(
  folder: ModelFolder,
  fold: number,
  selection: string,
  { inputDims }: LoadOptions,
): Promise<TrainedModel> {
  const { settings, source } = folder;
  const { checkpoint, onnx } = findSelection(folder, fold, selection);
  if (settings.networkType !== "cnn") {
    const what =
      settings.networkType === "multicnn"
        ? "a multi-CNN model (one network per part of the image)"
        : "an autoencoder, which has no classes";
    throw new VoxplainError("unsupported", `${source.name} is ${what}: this is not supported`);
  }
  const file = onnx ?? checkpoint;
  if (file === undefined) {
    throw new VoxplainError(
      "unsupported",
      `${source.name}/fold-${fold} holds several networks for "${selection}", though "network_type" is cnn`,
    );
  }
  if (file === onnx) return { ...(await loadOnnxNetwork(source, file, settings, inputDims)), file };
  return loadCheckpointNetwork(folder, file, inputDims);
}

async function loadCheckpointNetwork(
  { settings, source }: ModelFolder,
  file: FilePath,
  inputDims: readonly number[],
): Promise<TrainedModel> {
  const name = `${source.name}/${file}`;
  const checkpoint = await openCheckpoint(await openThere(source, file), { name });
  const epoch = entry(checkpoint, "epoch");
  try {
    const weights = stateDict(checkpoint, entry(checkpoint, "model") === undefined ? undefined : "model");
    const network = buildNetwork(settings, weights, inputDims);
    return { ...network, file, ...(typeof epoch === "number" && { epoch }) };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    throw new VoxplainError(error.code, `${name}: ${error.message}`, { cause: error });
  }
}

async function openThere(source: FileSource, file: FilePath) {
  const reader = await source.open(file);
  if (reader === undefined) throw new VoxplainError("not-found", `there is no file ${source.name}/${file}`);
  return reader;
}

/** A bare state dict has no entries beside its weights. */
function entry({ root }: Checkpoint, key: string) {
  return root instanceof Map ? root.get(key) : undefined;
}
