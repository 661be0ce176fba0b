import {
  elementCount,
  type FilePath,
  type FileSource,
  joinPath,
  readFile,
  VoxplainError,
} from "@voxplain/core";
import {
  type Dim,
  decodeModel,
  type Graph,
  graphBuilder,
  inferShapes,
  type Model,
  type ValueInfo,
} from "@voxplain/onnx-graph";
import type { BuiltNetwork } from "./build-network.ts";
import { sizeText } from "./network-builder.ts";
import { keepZeroPadding } from "./padding-zero.ts";
import type { TrainingSettings } from "./settings.ts";

/** An exported network. */
export interface OnnxNetwork extends BuiltNetwork {
  /** Where the export fixed the length of the batch axis: that length. */
  readonly fixedBatch?: number;
}

/**
 * Reads a network that was exported to ONNX; weights in files beside it are read when needed.
 *
 * The logits are its first output (its last for VConv5_FC3, whose first three describe the code),
 * taken before a final softmax. A batch axis that was exported with a fixed length is freed where the
 * graph's shapes show that nothing else depends on it.
 * @throws VoxplainError `mismatch` when its input or output is not what is needed.
 */
export async function loadOnnxNetwork(
  source: FileSource,
  path: FilePath,
  settings: TrainingSettings,
  inputDims: readonly number[],
): Promise<OnnxNetwork> {
  const name = `${source.name}/${path}`;
  const directory = path.slice(0, path.lastIndexOf("/") + 1);
  const file = await decodeModel(await readFile(source, path), {
    name,
    externalData: (location) => source.open(joinPath(directory, location)),
  });
  const decoded: Model = { ...file, graph: keepZeroPadding(file.graph) };
  const input = theInput(decoded.graph, inputDims, name);
  const output =
    settings.architecture === "VConv5_FC3" ? decoded.graph.outputs.at(-1) : decoded.graph.outputs[0];
  if (output === undefined) throw new VoxplainError("mismatch", `${name} has no output`);
  const logits = beforeSoftmax(decoded.graph, output.name);

  const fixed = typeof input.dims?.[0] === "number" ? input.dims[0] : undefined;
  const freed = withBatch(decoded, input, inputDims, logits, "batch");
  const freedDims = inferred(freed, logits);
  const isFree = freedDims?.[0] === "batch";
  const stays = fixed !== undefined && !isFree;
  const model = stays ? withBatch(decoded, input, inputDims, logits, fixed) : freed;
  const dims = stays ? inferred(model, logits) : (freedDims ?? output.dims);
  const outputs = dims?.[1];
  if (dims?.length !== 2 || typeof outputs !== "number") {
    throw new VoxplainError(
      "mismatch",
      `the output "${output.name}" of ${name} should be logits of [batch, classes], not of [${dims?.join(", ") ?? "unknown"}]`,
    );
  }
  const atlases = (settings.predictAtlasIntensities ?? []).length > 0 && outputs > 2;
  const cut = atlases ? cutOutputs(model.graph, logits, 2) : undefined;
  const classCount = atlases ? 2 : outputs;
  const logitsName = cut?.name ?? logits;
  const info: ValueInfo = { name: logitsName, dtype: "float32", dims: [dims[0] ?? "batch", classCount] };
  return {
    model: { ...model, graph: { ...(cut?.graph ?? model.graph), outputs: [info] } },
    input: input.name,
    logits: logitsName,
    inputDims: [...inputDims],
    classCount,
    architecture: settings.architecture ?? "ONNX",
    parameterCount: parameterCount(decoded.graph),
    ...(stays && { fixedBatch: fixed }),
  };
}

function theInput(graph: Graph, inputDims: readonly number[], name: string): ValueInfo {
  const [input, ...others] = graph.inputs;
  if (input === undefined || others.length > 0) {
    const names = graph.inputs.map((value) => value.name);
    throw new VoxplainError(
      "mismatch",
      `${name} should have one input, the image; it has ${names.length === 0 ? "none" : names.join(", ")}`,
    );
  }
  if (input.dtype !== "float32") {
    throw new VoxplainError(
      "unsupported",
      `the input "${input.name}" of ${name} is ${input.dtype}; export the network in float32`,
    );
  }
  const wanted = input.dims?.slice(1);
  const fits =
    wanted === undefined ||
    (wanted.length === inputDims.length &&
      wanted.every((dim, axis) => typeof dim !== "number" || dim === inputDims[axis]));
  if (!fits) {
    const size = wanted.map((dim) => dim ?? "?").join("×");
    throw new VoxplainError("mismatch", `${name} takes inputs of ${size}, not of ${sizeText(inputDims)}`);
  }
  return input;
}

/** Explanations are of logits; an exported network may end in probabilities. */
function beforeSoftmax(graph: Graph, output: string): string {
  const last = graph.nodes.find((node) => node.outputs.includes(output));
  const isSoftmax = last?.domain === "" && (last.opType === "Softmax" || last.opType === "LogSoftmax");
  return isSoftmax ? last.inputs[0]! : output;
}

/** The model with its input's dims filled in, and the logits as its only output. */
function withBatch(
  model: Model,
  input: ValueInfo,
  inputDims: readonly number[],
  logits: string,
  batch: Dim,
): Model {
  const graph: Graph = {
    ...model.graph,
    inputs: [{ ...input, dims: [batch, ...inputDims] }],
    outputs: [{ name: logits, dtype: "float32", dims: undefined }],
    // Shapes noted at the export may name another batch axis; they can be inferred.
    valueInfo: [],
  };
  return { ...model, graph };
}

function inferred(model: Model, value: string): readonly Dim[] | undefined {
  return inferShapes(model).get(value)?.dims;
}

/** The first `count` outputs of each image. */
function cutOutputs(base: Graph, logits: string, count: number): { graph: Graph; name: string } {
  const builder = graphBuilder(base.name, base);
  const [start, end, axis] = [[0], [count], [1]].map((value) => builder.int64(value));
  const name = builder.add(
    "Slice",
    [logits, start!, end!, axis!],
    {},
    { outputs: [builder.fresh("class_logits")] },
  );
  return { graph: builder.build(), name };
}

/** Floating point weights, without BatchNorm's running statistics. */
function parameterCount(graph: Graph): number {
  const statistics = new Set(
    graph.nodes
      .filter(({ opType }) => opType === "BatchNormalization")
      .flatMap(({ inputs }) => inputs.slice(3, 5)),
  );
  let count = 0;
  for (const [name, { dtype, dims }] of graph.initializers) {
    if (dtype.startsWith("float") && !statistics.has(name)) count += elementCount(dims);
  }
  return count;
}
