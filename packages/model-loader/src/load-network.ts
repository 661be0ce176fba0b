import { type FilePath, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import { type Checkpoint, openCheckpoint } from "@voxplain/torch-checkpoint";
import { buildNetwork } from "./build-network.ts";
import { chooseWeights } from "./choose-weights.ts";
import { findSelection, type ModelFolder } from "./model-folder.ts";
import { loadOnnxNetwork } from "./onnx-network.ts";
import { isRegression } from "./settings.ts";
import type { LoadedNetwork } from "./trained-network.ts";
import { withTwoClasses } from "./two-classes.ts";

/** Which network is wanted, and for what inputs. */
export interface LoadOptions {
  /** Dims of one input, without the batch axis: [C, X, Y, Z] or [C, H, W]. */
  readonly inputDims: readonly number[];
  /** Of a multi-CNN model: the number of the network, which is the index of the part that it sees. */
  readonly network?: number;
}

/**
 * Loads a network of a model folder: its `model_best.onnx` where there is one, else its
 * `model_best.pth.tar`, whose weights are read only when the graph is.
 * @throws VoxplainError `not-found` for a fold or selection that is not there, listing those that are;
 * `unsupported` for autoencoders and unknown architectures; `invalid-argument` when a multi-CNN model is
 * loaded without saying which of its networks; `mismatch` when weights, architecture and input do not
 * fit; and what opening the file throws.
 */
export async function loadNetwork(
  folder: ModelFolder,
  fold: number,
  selection: string,
  { inputDims, network }: LoadOptions,
): Promise<LoadedNetwork> {
  const { settings, source } = folder;
  if (settings.networkType === "autoencoder") {
    throw new VoxplainError(
      "unsupported",
      `${source.name} is an autoencoder: it gives an image back and no classes, so there is no logit to explain`,
    );
  }
  const { checkpoint, onnx } = filesOf(folder, fold, selection, network);
  const file = onnx ?? checkpoint;
  if (file === undefined) {
    throw new VoxplainError(
      "not-found",
      `${source.name}/fold-${fold} holds neither an ONNX file nor a checkpoint for "${selection}"`,
    );
  }
  if (file === onnx) return { ...(await loadOnnxNetwork(source, file, settings, inputDims)), file };
  return loadCheckpointNetwork(folder, file, inputDims);
}

function filesOf(folder: ModelFolder, fold: number, selection: string, network: number | undefined) {
  const found = findSelection(folder, fold, selection);
  const where = `${folder.source.name}/fold-${fold}`;
  if (found.networks === undefined) {
    if (network === undefined || folder.settings.networkType !== "multicnn") return found;
    throw new VoxplainError(
      "not-found",
      `${where} holds one network for "${selection}", though "network_type" says one per part (models/cnn-<k>/${selection})`,
    );
  }
  if (folder.settings.networkType !== "multicnn") {
    throw new VoxplainError(
      "unsupported",
      `${where} holds several networks for "${selection}" (models/cnn-<k>), though "network_type" is ${folder.settings.networkType}`,
    );
  }
  if (network === undefined) {
    throw new VoxplainError(
      "invalid-argument",
      `${where} holds ${found.networks.length} networks for "${selection}": which one is wanted must be said`,
    );
  }
  const files = found.networks.find(({ index }) => index === network);
  if (files !== undefined) return files;
  const there = found.networks.map(({ index }) => `cnn-${index}`);
  throw new VoxplainError(
    "not-found",
    `${where} has no network cnn-${network} for "${selection}"; it has ${there.join(", ")}`,
  );
}

async function loadCheckpointNetwork(
  { settings, source }: ModelFolder,
  file: FilePath,
  inputDims: readonly number[],
): Promise<LoadedNetwork> {
  const name = `${source.name}/${file}`;
  const checkpoint = await openCheckpoint(await openThere(source, file), { name });
  const epoch = entry(checkpoint, "epoch");
  try {
    const { keys, tensors } = chooseWeights(checkpoint, settings, inputDims);
    const built = buildNetwork(settings, tensors, inputDims);
    const network = built.classCount === 1 && !isRegression(settings) ? withTwoClasses(built) : built;
    return { ...network, file, weightsKeys: keys, ...(typeof epoch === "number" && { epoch }) };
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
