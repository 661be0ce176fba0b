import {
  type FilePath,
  isVoxplainError,
  joinPath,
  type LazyTensor,
  readFile,
  VoxplainError,
} from "@voxplain/core";
import { decodeModel } from "@voxplain/onnx-graph";
import { type Checkpoint, openCheckpoint, stateDict } from "@voxplain/torch-checkpoint";
import { architectures } from "./architectures/index.ts";
import { type BuiltNetwork, buildNetwork } from "./build-network.ts";
import type { TrainingSettings } from "./commandline.ts";
import { findSelection, type ModelFolder } from "./model-folder.ts";

export interface TrainedModel extends BuiltNetwork {
  /** The file it was read from, below the model folder. */
  readonly file: FilePath;
  /** When in the training it was saved, where the file says so. */
  readonly epoch?: number;
}

/**
 * Opens the network of a fold and selection: model_best.onnx where there is one, else
 * model_best.pth.tar.
 * @throws VoxplainError `not-found` listing what is there; `mismatch` when weights, architecture and input do not fit.
 */
export async function loadNetwork(
  folder: ModelFolder,
  fold: number,
  selection: string,
  options: { readonly inputDims: readonly number[] },
): Promise<TrainedModel> {
  const { checkpoint, onnx } = findSelection(folder, fold, selection);
  if (onnx !== undefined) return loadOnnx(folder, onnx, options.inputDims);
  if (checkpoint === undefined)
    throw new VoxplainError("not-found", `the selection ${selection} has no file`);
  const { source, settings } = folder;
  const reader = await source.open(checkpoint);
  const name = `${source.name}/${checkpoint}`;
  if (reader === undefined) throw new VoxplainError("not-found", `there is no file ${name}`);
  const opened = await openCheckpoint(reader, { name });
  const network = buildNetwork(settings, weightsOf(opened, name), { ...options, name });
  const epoch = opened.root instanceof Map ? opened.root.get("epoch") : undefined;
  return { ...network, file: checkpoint, ...(typeof epoch === "number" && { epoch }) };
}

/** The state dict below "model", or the file's own where it is one. */
function weightsOf(checkpoint: Checkpoint, name: string): ReadonlyMap<string, LazyTensor> {
  const nested = checkpoint.root instanceof Map && checkpoint.root.has("model");
  try {
    return stateDict(checkpoint, nested ? "model" : undefined);
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    throw new VoxplainError(error.code, `${name}: ${error.message}`, { cause: error });
  }
}

async function loadOnnx(
  folder: ModelFolder,
  file: FilePath,
  inputDims: readonly number[],
): Promise<TrainedModel> {
  const { source, settings } = folder;
  const name = `${source.name}/${file}`;
  const parent = file.slice(0, file.lastIndexOf("/"));
  const model = decodeModel(await readFile(source, file), {
    name,
    externalData: (location) => source.open(joinPath(parent, location)),
  });
  const [input, ...others] = model.graph.inputs;
  if (input === undefined || others.length > 0) {
    throw new VoxplainError(
      "unsupported",
      `${name} has ${others.length + (input ? 1 : 0)} inputs: only networks with one can be explained`,
    );
  }
  const expected = input.dims?.slice(1);
  const fits =
    expected?.length === inputDims.length &&
    expected.every((dim, axis) => typeof dim !== "number" || dim === inputDims[axis]);
  if (expected !== undefined && !fits) {
    throw new VoxplainError(
      "mismatch",
      `${name} takes inputs of shape [${input.dims?.map((dim) => dim ?? "?").join(", ")}], the image has [${inputDims.join(", ")}]`,
    );
  }
  const output = model.graph.outputs[0];
  const classCount = output?.dims?.[1];
  if (output === undefined || output.dims?.length !== 2 || typeof classCount !== "number") {
    throw new VoxplainError(
      "unsupported",
      `the first output of ${name} should be logits of shape [batch, classes]`,
    );
  }
  const batch = input.dims?.[0] ?? "batch";
  const fixed = { ...input, dims: [batch, ...inputDims] };
  let parameterCount = 0;
  for (const weight of model.graph.initializers.values()) {
    if (weight.dtype.includes("float"))
      parameterCount += weight.dims.reduce((product, dim) => product * dim, 1);
  }
  return {
    model: { ...model, graph: { ...model.graph, inputs: [fixed] } },
    input: input.name,
    logits: output.name,
    inputDims,
    classCount,
    architecture: settings.architecture ?? "custom (ONNX)",
    parameterCount,
    file,
  };
}

/** Sizes of the images of each preprocessing, with their channel. */
const imageDims: Readonly<Record<string, readonly number[]>> = {
  "t1-linear": [1, 169, 208, 179],
  "t1-linear-downsampled": [1, 85, 104, 90],
  "t1-extensive": [1, 121, 145, 121],
  "t1-volume": [1, 121, 145, 121],
  shepplogan: [1, 128, 128],
};

/** The size of input that a model was made for, as far as its settings tell: [C, X, Y, Z] or [C, H, W]. */
export function expectedInputDims(settings: TrainingSettings): readonly number[] | undefined {
  const named = settings.architecture;
  if (named !== undefined && Object.hasOwn(architectures, named)) return architectures[named]?.inputDims;
  const { patchSize } = settings;
  if (settings.mode === "image") return imageDims[settings.preprocessing];
  if (settings.mode === "slice") return [3, 224, 224];
  if (settings.mode === "patch" && patchSize !== undefined) return [1, patchSize, patchSize, patchSize];
  return undefined;
}
