import { errorAt, type FilePath, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import { type Checkpoint, openCheckpoint } from "@voxplain/torch-checkpoint";
import { buildNetwork } from "./build-network.ts";
import { chooseWeights } from "./choose-weights.ts";
import { findSelection, type ModelFolder } from "./model-folder.ts";
import { loadOnnxNetwork } from "./onnx-network.ts";
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
  if (settings.task === "reconstruction") throw reconstructionRefusal(folder);
  const { checkpoint, onnx } = filesOf(folder, fold, selection, network);
  const file = onnx ?? checkpoint;
  if (file === undefined) {
    throw new VoxplainError(
      "not-found",
      `there is neither an ONNX file nor a checkpoint for "${selection}"`,
      { file: `${source.name}/fold-${fold}` },
    );
  }
  if (file === onnx) return { ...(await loadOnnxNetwork(source, file, settings, inputDims)), file };
  return loadCheckpointNetwork(folder, file, inputDims);
}

/** Why no network that reconstructs images can be explained. */
export function reconstructionRefusal({
  source,
  program,
}: Pick<ModelFolder, "source" | "program">): VoxplainError {
  const model =
    program.format === "0.2" ? "an autoencoder" : "trained for reconstruction (an autoencoder, say)";
  return new VoxplainError(
    "unsupported",
    `the model is ${model}. It gives an image back instead of the logits of classes, so there is no class ` +
      "whose evidence could be shown",
    { file: source.name },
  );
}

function filesOf(folder: ModelFolder, fold: number, selection: string, network: number | undefined) {
  const found = findSelection(folder, fold, selection);
  const file = `${folder.source.name}/fold-${fold}`;
  if (found.networks === undefined) {
    if (network === undefined || folder.settings.networkType !== "multicnn") return found;
    throw new VoxplainError(
      "not-found",
      `there is one network for "${selection}", though "network_type" is multicnn`,
      { file, expected: `one network for each part, in models/cnn-<k>/${selection}` },
    );
  }
  if (folder.settings.networkType !== "multicnn") {
    throw new VoxplainError(
      "unsupported",
      `there are several networks for "${selection}" (models/cnn-<k>), though "network_type" is ${folder.settings.networkType}`,
      { file },
    );
  }
  if (network === undefined) {
    throw new VoxplainError(
      "invalid-argument",
      `there are ${found.networks.length} networks for "${selection}", one for each part: choose one by its number`,
      { file },
    );
  }
  const files = found.networks.find(({ index }) => index === network);
  if (files !== undefined) return files;
  const there = found.networks.map(({ index }) => `cnn-${index}`);
  throw new VoxplainError("not-found", `there is no network cnn-${network} for "${selection}"`, {
    file,
    found: there.join(", "),
  });
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
    const network = built.classCount === 1 && settings.task !== "regression" ? withTwoClasses(built) : built;
    return { ...network, file, weightsKeys: keys, ...(typeof epoch === "number" && { epoch }) };
  } catch (error) {
    throw isVoxplainError(error) ? errorAt(error, { file: name }) : error;
  }
}

async function openThere(source: FileSource, file: FilePath) {
  const reader = await source.open(file);
  if (reader === undefined) {
    throw new VoxplainError("not-found", "there is no such file", { file: `${source.name}/${file}` });
  }
  return reader;
}

/** A bare state dict has no entries beside its weights. */
function entry({ root }: Checkpoint, key: string) {
  return root instanceof Map ? root.get(key) : undefined;
}
