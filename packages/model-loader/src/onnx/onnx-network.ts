import { elementCount, type FilePath, type FileSource, VoxplainError } from "@voxplain/core";
import {
  checkInferenceOnly,
  type Dim,
  foldConstants,
  type Graph,
  graphBuilder,
  inferShapes,
  type Model,
  type OnnxFile,
  openOnnxFile,
  type ValueInfo,
  withFreeBatch,
  withoutDeadNodes,
} from "@voxplain/onnx-graph";
import { sizeText } from "../architectures/network-builder.ts";
import type { TrainingSettings } from "../settings/settings.ts";
import type { TrainedNetwork } from "../trained-network.ts";
import { beforeProbabilities } from "./before-probabilities.ts";
import { behindProbabilities, isProbability } from "./behind-probabilities.ts";
import { channelsFirst } from "./channels-first.ts";
import { inFile } from "./in-file.ts";
import { isGrid, logitsOfOutput } from "./logits-of-output.ts";
import { onlyInput } from "./only-input.ts";
import { type OutputRegion, refuseRegion } from "./output-region.ts";
import { withLogit, withTwoClasses } from "./two-classes.ts";
import { valueAt } from "./value-at.ts";

/**
 * Reads a network that was exported to ONNX; weights in files beside it are read when needed.
 *
 * The logits are its first output (its last for VConv5_FC3, whose first three describe the code),
 * taken before a final softmax. The batch is free where every node provably treats each image by itself, and of
 * length 1 elsewhere.
 * @throws VoxplainError `mismatch` when its input or output is not what is needed.
 */
export async function loadOnnxNetwork(
  source: FileSource,
  path: FilePath,
  settings: TrainingSettings,
  inputDims: readonly number[],
): Promise<TrainedNetwork> {
  const file = channelsFirst(await openOnnxFile(source, path));
  const { outputs } = file.model.graph;
  const output = settings.architecture === "VConv5_FC3" ? outputs.at(-1) : outputs[0];
  const network = onnxNetwork(file, {
    inputDims,
    ...(output && { output: output.name }),
    isRegression: settings.task === "regression",
  });
  const predictsAtlases = (settings.predictAtlasIntensities ?? []).length > 0 && network.classCount > 2;
  return {
    ...(predictsAtlases ? withFirstClasses(network, 2) : network),
    architecture: settings.architecture ?? "ONNX",
  };
}

/** What an image is to the network. */
export interface OnnxNetworkOptions {
  /** Dims of one input, without the batch axis. */
  readonly inputDims: readonly number[];
  /** The output that holds the logits, or their softmax; default: the first. */
  readonly output?: string;
  /** One value of the output by an index for each axis behind the batch, in the place of logits of classes. */
  readonly index?: readonly number[];
  /**
   * Over which positions of an output [batch, classes, ...grid] the mean of each class's logit is taken; without it such an
   * output is refused.
   */
  readonly region?: OutputRegion;
  /** Whether a single output is a value to explain as it is, and no logit of two classes; default false. */
  readonly isRegression?: boolean;
}

/**
 * The network of an ONNX file that takes one image and gives logits [batch, classes], or [batch], one for each
 * image; a final softmax or sigmoid is left out, and what depends on no voxel is computed here.
 * A single output is the logit of class 1 of two (`decision` "binary"), unless it is said to be a regression. The batch is
 * free where every node provably treats each image by itself, and of length 1 elsewhere.
 * @throws VoxplainError `mismatch` when its input or output is not what is needed, `invalid-argument` for
 * an output that it does not have.
 */
export function onnxNetwork(file: OnnxFile, options: OnnxNetworkOptions): TrainedNetwork {
  return inFile(file.name, () => networkOf(file, options));
}

function networkOf(file: OnnxFile, options: OnnxNetworkOptions): TrainedNetwork {
  const { name, model: decoded } = file;
  const { inputDims } = options;
  const input = theInput(file, inputDims);
  const output = theOutput(decoded.graph, options.output, name);
  const fixed = typeof input.dims?.[0] === "number" ? input.dims[0] : undefined;
  const whole = withSizes(decoded, input, [fixed ?? "batch", ...inputDims], output.name);
  const last = beforeProbabilities(whole, output.name);
  const sized = withOutput({ ...whole, graph: last.graph }, last.value);
  const { model: freed, obstacle } = withFreeBatch(sized);
  const folded = foldConstants(freed);
  checkInferenceOnly(folded);
  const behind = last.from === undefined ? behindProbabilities(folded, last.value) : undefined;
  const from = last.from ?? behind?.from;
  const logits = behind?.logits ?? last.value;
  const classAxis = behind?.classAxis ?? last.classAxis;
  const model = withOutput({ ...folded, graph: behind?.graph ?? folded.graph }, logits);
  const dims = knownDims(inferShapes(model).get(logits)?.dims, output.dims);
  const networkAt = (value: {
    readonly graph: Graph;
    readonly name: string;
    readonly dims: readonly Dim[];
  }) => ({
    model: {
      ...model,
      graph: { ...value.graph, outputs: [{ name: value.name, dtype: "float32", dims: value.dims } as const] },
    },
    input: input.name,
    logits: value.name,
    inputDims: [...inputDims],
    architecture: "ONNX",
    parameterCount: parameterCount(decoded.graph),
    ...(obstacle !== undefined && { batchObstacle: obstacle }),
  });
  const hasBatch = typeof dims?.[0] !== "number" || dims[0] === 1;
  const region = options.region ?? "grid";
  if (options.index !== undefined && hasBatch) {
    refuseRegion(region, "the target is already one value of the output");
    const value = valueAt(model.graph, logits, dims, options.index ?? []);
    return { ...networkAt(value), classCount: 1, decision: "value" };
  }
  const spatial = inputDims.slice(1);
  const found = logitsOfOutput(model.graph, logits, dims, classAxis, { region, spatial });
  if (found === undefined && classAxis === undefined && (dims?.length ?? 0) > 3) {
    throw new VoxplainError(
      "unsupported",
      `the graph does not show which axis of the output "${output.name}", ${shapeText(dims)}, holds the classes: no ` +
        "convolution, matrix product or softmax before it does",
      { file: name },
    );
  }
  const isDense = found !== undefined && isGrid(found.positions);
  if (!hasBatch || found === undefined || (isDense && options.region === undefined)) {
    const indices = hasBatch ? (dims ?? []).slice(1).fill(0) : [];
    throw new VoxplainError("mismatch", `the output "${output.name}" is not one logit per class`, {
      file: name,
      expected: "[batch, classes]",
      found: shapeText(dims),
      ...(indices.length > 0 && {
        hint: `choose one value by an index for each axis after the batch (--target ${indices.join(",")})`,
      }),
    });
  }
  if (!isDense) refuseRegion(region, "this network has one logit per class for the whole image");
  const network = {
    ...networkAt(found),
    classCount: found.dims[1],
    ...(isDense && { meanOver: found.positions }),
  };
  if (network.classCount > 1) {
    return from === "sigmoid" ? { ...network, decision: "multi-label" } : network;
  }
  // The softmax of a single output is 1, whatever that is: it says nothing of classes.
  if (options.isRegression === true || from === "softmax") return { ...network, decision: "value" };
  return withTwoClasses(
    from === undefined && isProbability(model.graph, logits) ? withLogit(network) : network,
  );
}

/** The network with its first outputs alone. */
function withFirstClasses(network: TrainedNetwork, classCount: number): TrainedNetwork {
  const { graph, name } = cutOutputs(network.model.graph, network.logits, classCount);
  const [batch = "batch"] = network.model.graph.outputs[0]?.dims ?? [];
  const info: ValueInfo = { name, dtype: "float32", dims: [batch, classCount] };
  return {
    ...network,
    model: { ...network.model, graph: { ...graph, outputs: [info] } },
    logits: name,
    classCount,
  };
}

/** What was inferred, and where that is not known what the file states. */
function knownDims(
  inferred: readonly Dim[] | undefined,
  stated: readonly Dim[] | undefined,
): readonly Dim[] | undefined {
  if (inferred === undefined || inferred.length !== stated?.length) return inferred ?? stated;
  return inferred.map((dim, axis) => dim ?? stated[axis] ?? null);
}

function theOutput({ outputs }: Graph, wanted: string | undefined, name: string): ValueInfo {
  const found = wanted === undefined ? outputs[0] : outputs.find((output) => output.name === wanted);
  if (found !== undefined) return found;
  const names = outputs.map((output) => output.name).join(", ");
  throw outputs.length === 0
    ? new VoxplainError("mismatch", "the network has no output", { file: name })
    : new VoxplainError("invalid-argument", `the network has no output "${wanted}"`, {
        file: name,
        found: names,
      });
}

function theInput(file: OnnxFile, inputDims: readonly number[]): ValueInfo {
  const { name } = file;
  const input = onlyInput(file);
  if (input.dtype !== "float32") {
    throw new VoxplainError("unsupported", `the input "${input.name}" is not an image`, {
      file: name,
      expected: "numbers",
      found: input.dtype,
    });
  }
  const wanted = input.dims?.slice(1);
  const fits =
    wanted === undefined ||
    (wanted.length === inputDims.length &&
      wanted.every((dim, axis) => typeof dim !== "number" || dim === inputDims[axis]));
  if (!fits) {
    throw new VoxplainError("mismatch", "wrong size of the input", {
      file: name,
      expected: wanted.map((dim) => dim ?? "?").join("×"),
      found: sizeText(inputDims),
    });
  }
  return input;
}

function shapeText(dims: readonly Dim[] | undefined): string {
  return dims === undefined ? "an unknown shape" : `[${dims.map((dim) => dim ?? "?").join(", ")}]`;
}

/** The model with its input's dims filled in, and a single output. */
function withSizes(model: Model, input: ValueInfo, dims: readonly Dim[], output: string): Model {
  // Shapes noted at the export may name another batch axis; they can be inferred.
  const graph: Graph = { ...model.graph, inputs: [{ ...input, dims }], valueInfo: [] };
  return withOutput({ ...model, graph }, output);
}

function withOutput(model: Model, name: string): Model {
  const outputs: readonly ValueInfo[] = [{ name, dtype: "float32", dims: undefined }];
  return { ...model, graph: withoutDeadNodes({ ...model.graph, outputs }) };
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
