import { errorAt, type FilePath, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import { type Checkpoint, openCheckpoint } from "@voxplain/torch-checkpoint";
import { buildNetwork } from "./checkpoints/build-network.ts";
import { chooseWeights } from "./checkpoints/choose-weights.ts";
import type { ModelFolder, NetworkFiles, Selection } from "./folders/folder-content.ts";
import { findSelection } from "./folders/model-folder.ts";
import { loadOnnxNetwork } from "./onnx/onnx-network.ts";
import { withTwoClasses } from "./onnx/two-classes.ts";
import type { TrainingSettings } from "./settings/settings.ts";
import type { LoadedNetwork, TrainedNetwork } from "./trained-network.ts";

/** Which network is wanted, and for what inputs. */
export interface LoadOptions {
  /** Dims of one input, without the batch axis: [C, X, Y, Z] or [C, H, W]. */
  readonly inputDims: readonly number[];
  /** For a multi-CNN model: the number of the network, which is the index of the part that it sees. */
  readonly network?: number;
  /**
   * For a checkpoint with several state dicts that fit: the keys that lead to one of them, and the names of the modules
   * around it, with dots between them: "state_dict_ema", "state_dict.ema_model"; "." is the checkpoint itself.
   */
  readonly weightsKey?: string | undefined;
}

/**
 * Loads a network of a model folder: its exported ONNX file where there is one, else its checkpoint, whose weights are
 * read only when the graph is.
 * @throws VoxplainError `not-found` for a missing fold or selection, listing those that are;
 * `unsupported` for reconstructions and unknown architectures; `invalid-argument` when a model with one network per
 * part is loaded without saying which of its networks, or `weightsKey` is given for an ONNX file; `mismatch` when
 * weights, architecture and input do not fit, or several state dicts do and differ; and what opening the file throws.
 */
export async function loadNetwork(
  folder: ModelFolder,
  fold: number,
  selection: string,
  options: LoadOptions,
): Promise<LoadedNetwork> {
  const { inputDims, network, weightsKey } = options;
  const { settings, source } = folder;
  if (settings.task === "reconstruction") throw reconstructionRefusal(folder);
  const { checkpoint, onnx } = filesOf(folder, fold, selection, network);
  const file = onnx ?? checkpoint;
  if (file === undefined) throw new RangeError("a selection without a file is not listed");
  if (file !== onnx) return loadCheckpointNetwork(folder, file, options);
  if (weightsKey === undefined)
    return { ...(await loadOnnxNetwork(source, file, settings, inputDims)), file };
  throw new VoxplainError("invalid-argument", "only a checkpoint has state dicts to choose from", {
    file: `${source.name}/${file}`,
    hint: "leave the key of the weights out (--weights_key)",
  });
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

function filesOf(
  folder: ModelFolder,
  fold: number,
  selection: string,
  network: number | undefined,
): Pick<NetworkFiles, "checkpoint" | "onnx"> {
  const found = findSelection(folder, fold, selection);
  const file = `${folder.source.name}/${folder.folds.find(({ index }) => index === fold)?.name}`;
  const words = wordsOf(folder, found);
  const isOfParts = folder.settings.networkType === "multicnn";
  if (found.networks === undefined) {
    if (network === undefined || !isOfParts) return found;
    throw new VoxplainError(
      "not-found",
      `there is one network for "${found.name}", though ${words.setting} is ${words.several}`,
      { file, expected: `one network for each part, in ${words.files}` },
    );
  }
  if (!isOfParts) {
    throw new VoxplainError(
      "unsupported",
      `there are several networks for "${found.name}" (${words.files}), though ${words.setting} is ${words.single}`,
      { file },
    );
  }
  if (network === undefined) {
    throw new VoxplainError(
      "invalid-argument",
      `there are ${found.networks.length} networks for "${found.name}", one for each part: choose one by its number`,
      { file },
    );
  }
  const files = found.networks.find(({ index }) => index === network);
  if (files !== undefined) return files;
  throw new VoxplainError("not-found", `there is no network ${words.network(network)} for "${found.name}"`, {
    file,
    found: found.networks.map(({ index }) => words.network(index)).join(", "),
  });
}

/** What each kind of folder calls a network of a part, and the option that says whether there are any. */
function wordsOf({ program, settings }: ModelFolder, { name }: Selection) {
  if (program.format === "0.2") {
    return {
      setting: '"network_type"',
      several: "multicnn",
      single: settings.networkType,
      files: `models/cnn-<k>/${name}`,
      network: (index: number) => `cnn-${index}`,
    };
  }
  return {
    setting: '"multi_network"',
    several: "true",
    single: "false",
    files: `${name.replace("_", "-")}/network-<k>_model.pth.tar`,
    network: (index: number) => `network-${index}`,
  };
}

async function loadCheckpointNetwork(
  { settings, source }: ModelFolder,
  file: FilePath,
  { inputDims, weightsKey }: LoadOptions,
): Promise<LoadedNetwork> {
  const name = `${source.name}/${file}`;
  const checkpoint = await openCheckpoint(await openThere(source, file), { name });
  const epoch = entry(checkpoint, "epoch");
  const otherName = otherArchitecture(checkpoint, settings);
  try {
    const { keys, tensors } = await chooseWeights(checkpoint, settings, inputDims, weightsKey);
    const built = buildNetwork(settings, tensors, inputDims);
    return {
      ...decided(built, settings),
      file,
      weightsKeys: keys,
      ...(typeof epoch === "number" && { epoch }),
      ...(otherName !== undefined && { notes: [`${file}: ${otherName}`] }),
    };
  } catch (error) {
    throw isVoxplainError(error) ? errorAt(error, { file: name, hint: otherName }) : error;
  }
}

/** A checkpoint of ClinicaDL 1.x names its architecture: a sentence where the settings have another. */
function otherArchitecture(
  checkpoint: Checkpoint,
  { architecture, generation }: TrainingSettings,
): string | undefined {
  const name = entry(checkpoint, "name");
  if (generation !== "1.x" || typeof name !== "string" || name === architecture) return undefined;
  return `the checkpoint names the architecture "${name}", and maps.json "${architecture}", which is used`;
}

/** A single output is the number of a regression, or decides between two classes. */
function decided(built: TrainedNetwork, settings: TrainingSettings): TrainedNetwork {
  if (settings.task === "regression") return { ...built, decision: "value" };
  return built.classCount === 1 ? withTwoClasses(built) : built;
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
