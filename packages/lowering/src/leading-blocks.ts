import { type BlockPooling, type ConvolutionBlock, elementAt } from "@voxplain/core";
import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  type Model,
  type Node,
  nodeInput,
  nodeOutput,
  normalizesByBatch,
  readInitializer,
  stringAttribute,
  windowOf,
  withoutDeadNodes,
} from "@voxplain/onnx-graph";
import { type GraphView, graphView } from "./graph-view.ts";

/** The beginning of a network as data, and what follows it. */
export interface LeadingBlocks {
  /** From the input on. Normalizations are in the weights, which are float64. */
  readonly blocks: readonly ConvolutionBlock[];
  /** Lengths of the input, without batch and channels. */
  readonly inputDims: readonly number[];
  /** Name of the value behind the last block. */
  readonly cut: string;
  /** Its shape without the batch. */
  readonly cutDims: readonly number[];
  /** The network behind the blocks: its input is `cut`. */
  readonly rest: Model;
}

/**
 * Whether a block is to be taken, given the lengths at its input and the blocks taken before it; `"inside"`: only where one behind it is taken
 * with true. Those behind one that is not are left alone too.
 */
export type AcceptBlock = (
  block: ConvolutionBlock,
  dims: readonly number[],
  before: readonly ConvolutionBlock[],
) => boolean | "inside";

/** A block whose weights have not been read yet, and the value behind it. */
interface Found {
  readonly shape: Omit<ConvolutionBlock, "weights" | "bias" | "slopes">;
  readonly convolution: Node;
  readonly normalization: Node | undefined;
  readonly activation: Node | undefined;
  readonly nodes: readonly Node[];
  readonly output: string;
}

/**
 * The convolutions at the beginning of a network, each with its normalization, activation and pooling, as data; undefined where there are
 * none. A value inside a block that is used elsewhere, or an output of the graph, ends it there.
 */
export async function leadingBlocks(
  model: Model,
  input: string,
  accept: AcceptBlock = () => true,
): Promise<LeadingBlocks | undefined> {
  const { graph, opsets } = model;
  if ((opsets[""] ?? 0) < 13 || graph.nodes.some(hasSubgraph)) return undefined;
  const view = graphView(model);
  const given = graph.inputs.find(({ name }) => name === input);
  const inputDims = lengthsOf(view, input);
  if (given?.dtype !== "float32" || inputDims === undefined) return undefined;
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  let cut = input;
  const accepted: { readonly block: ConvolutionBlock; readonly found: Found; readonly last: boolean }[] = [];
  for (;;) {
    const found = findBlock(view, cut);
    const dims = lengthsOf(view, cut);
    if (found === undefined || dims === undefined || outputs.has(found.output)) break;
    const block = await readBlock(view, found);
    const verdict =
      block !== undefined &&
      accept(
        block,
        dims,
        accepted.map((one) => one.block),
      );
    if (block === undefined || verdict === false) break;
    accepted.push({ block, found, last: verdict === true });
    cut = found.output;
  }
  while (accepted.at(-1)?.last === false) accepted.pop();
  cut = accepted.at(-1)?.found.output ?? input;
  const blocks = accepted.map(({ block }) => block);
  const taken = new Set(accepted.flatMap(({ found }) => found.nodes));
  const cutDims = view.dims(cut)?.slice(1);
  if (blocks.length === 0 || !cutDims?.every((length) => typeof length === "number")) return undefined;
  const batch = given.dims?.[0] ?? null;
  const rest = withoutDeadNodes({
    ...graph,
    nodes: graph.nodes.filter((node) => !taken.has(node)),
    inputs: graph.inputs.map((value) =>
      value.name === input ? { name: cut, dtype: "float32" as const, dims: [batch, ...cutDims] } : value,
    ),
  });
  return { blocks, inputDims, cut, cutDims, rest: { ...model, graph: rest } };
}

const hasSubgraph = ({ attributes }: Node) =>
  Object.values(attributes).some((value) => "graph" in value || "graphs" in value);

/** Lengths of the axes of space, where they and the channels are known. */
function lengthsOf(view: GraphView, value: string): readonly number[] | undefined {
  const [, channels, ...lengths] = view.dims(value) ?? [];
  const known = lengths.every((length) => typeof length === "number");
  return typeof channels === "number" && lengths.length > 0 && known ? (lengths as number[]) : undefined;
}

const isStandard = (node: Node | undefined, ...opTypes: readonly string[]): node is Node =>
  node !== undefined && node.domain === "" && opTypes.includes(node.opType);

function findBlock(view: GraphView, input: string): Found | undefined {
  const convolution = view.soleConsumer(input);
  const shape = convolution && convolutionShape(view, convolution, input);
  if (convolution === undefined || shape === undefined) return undefined;
  const nodes = [convolution];
  const next = () => view.soleConsumer(nodeOutput(elementAt(nodes, nodes.length - 1)));
  const normalization = next();
  const normalized = normalization && isNormalization(view, normalization) ? normalization : undefined;
  if (normalized) nodes.push(normalized);
  const activation = next();
  const activated = activation && isActivation(view, activation) ? activation : undefined;
  if (activated) nodes.push(activated);
  const pooled = findPooling(view, nodeOutput(elementAt(nodes, nodes.length - 1)));
  nodes.push(...(pooled?.nodes ?? []));
  return {
    shape: { ...shape, pooling: pooled?.pooling },
    convolution,
    normalization: normalized,
    activation: activated,
    nodes,
    output: nodeOutput(elementAt(nodes, nodes.length - 1)),
  };
}

function convolutionShape(view: GraphView, node: Node, input: string) {
  if (!isStandard(node, "Conv") || node.inputs[0] !== input || !view.isFloat32(input)) return undefined;
  const [, weight = "", bias] = node.inputs;
  const { initializers } = view.model.graph;
  if (!initializers.has(weight) || (bias && !initializers.has(bias))) return undefined;
  const [outputChannels, inputChannels, ...kernel] = initializers.get(weight)?.dims ?? [];
  const spatial = lengthsOf(view, input);
  if (outputChannels === undefined || inputChannels === undefined || spatial?.length !== kernel.length)
    return undefined;
  if (intAttribute(node.attributes, "group", 1) !== 1) return undefined;
  const { strides, dilations, padsBefore, padsAfter } = windowOf(node.attributes, kernel, spatial);
  if (dilations.some((dilation) => dilation !== 1)) return undefined;
  if ([...padsBefore, ...padsAfter].some((pad) => pad < 0)) return undefined;
  return { inputChannels, outputChannels, kernel, strides, padsBefore, padsAfter };
}

function isNormalization(view: GraphView, node: Node): boolean {
  const { initializers } = view.model.graph;
  return (
    isStandard(node, "BatchNormalization") &&
    !normalizesByBatch(node) &&
    node.inputs.slice(1).every((name) => initializers.has(name)) &&
    node.outputs.filter((output) => view.isUsed(output)).length === 1
  );
}

function isActivation(view: GraphView, node: Node): boolean {
  if (!isStandard(node, "Relu", "LeakyRelu", "PRelu")) return false;
  return node.opType !== "PRelu" || view.model.graph.initializers.has(nodeInput(node, 1));
}

/** A pooling of a value, with the Pad of zeros before it. */
function findPooling(view: GraphView, value: string) {
  const first = view.soleConsumer(value);
  const spatial = lengthsOf(view, value);
  if (first === undefined || spatial === undefined) return undefined;
  const rank = spatial.length;
  const none = new Array<number>(rank).fill(0);
  const zeros = isStandard(first, "Pad") ? zerosAround(view, first, value, rank) : [...none, ...none];
  const node = isStandard(first, "Pad") ? view.soleConsumer(nodeOutput(first)) : first;
  if (zeros === undefined || !isStandard(node, "MaxPool", "AveragePool")) return undefined;
  if (node.outputs.slice(1).some((output) => output !== "" && view.isUsed(output))) return undefined;
  const zerosBefore = zeros.slice(0, rank);
  const zerosAfter = zeros.slice(rank);
  const kernel = intsAttribute(node.attributes, "kernel_shape", []);
  if (kernel.length !== rank) return undefined;
  const padded = spatial.map((length, a) => length + elementAt(zerosBefore, a) + elementAt(zerosAfter, a));
  const { strides, dilations, padsBefore, padsAfter } = windowOf(node.attributes, kernel, padded);
  if (dilations.some((dilation) => dilation !== 1)) return undefined;
  const roundUp = intAttribute(node.attributes, "ceil_mode", 0) === 1;
  const kind = node.opType === "MaxPool" ? ("max" as const) : ("average" as const);
  const counts = kind === "average" && intAttribute(node.attributes, "count_include_pad", 0) === 1;
  // How a window that sticks out behind the padding is counted differs between runtimes.
  if (counts && roundUp) return undefined;
  const sum = (a: readonly number[], b: readonly number[]) => a.map((v, k) => v + elementAt(b, k));
  const pooling: BlockPooling = {
    kind,
    window: kernel,
    strides,
    zerosBefore: counts ? sum(zerosBefore, padsBefore) : zerosBefore,
    zerosAfter: counts ? sum(zerosAfter, padsAfter) : zerosAfter,
    skippedBefore: counts ? none : padsBefore,
    skippedAfter: counts ? none : padsAfter,
    roundUp,
  };
  return { pooling, nodes: first === node ? [node] : [first, node] };
}

/** How many zeros a Pad puts in front of and behind each axis of space; undefined where it does anything else. */
function zerosAround(
  view: GraphView,
  node: Node,
  value: string,
  rank: number,
): readonly number[] | undefined {
  const [x, pads, fill, axes] = node.inputs.map((name) => name || undefined);
  const amounts = view.elements(pads);
  if (x !== value || axes || stringAttribute(node.attributes, "mode", "constant") !== "constant")
    return undefined;
  if (fill !== undefined && view.elements(fill)?.[0] !== 0) return undefined;
  const width = rank + 2;
  if (amounts?.length !== 2 * width || amounts.some((amount) => amount < 0)) return undefined;
  if ([0, 1, width, width + 1].some((k) => amounts[k] !== 0)) return undefined;
  return [...amounts.slice(2, width), ...amounts.slice(width + 2)];
}

/** The weights of a block in float64, with the normalization in them; undefined where they are no float32. */
async function readBlock(view: GraphView, found: Found): Promise<ConvolutionBlock | undefined> {
  const { initializers } = view.model.graph;
  const read = async (name: string | undefined) => {
    const initializer = initializers.get(name ?? "");
    const tensor = initializer && (await readInitializer(initializer));
    return tensor?.dtype === "float32" ? tensor : undefined;
  };
  const { convolution, normalization, activation, shape } = found;
  const channels = shape.outputChannels;
  const weights = (await read(convolution.inputs[1]))?.data;
  const bias = convolution.inputs[2] ? (await read(convolution.inputs[2]))?.data : new Float32Array(channels);
  if (weights === undefined || bias?.length !== channels) return undefined;
  const slopes = activation && (await readSlopes(activation, channels, shape.kernel.length, read));
  if (activation && slopes === undefined) return undefined;
  const factors = new Float64Array(channels).fill(1);
  const offsets = Float64Array.from(bias);
  if (normalization) {
    const [scale, shift, mean, variance] = await Promise.all(normalization.inputs.slice(1).map(read));
    if (!scale || !shift || !mean || !variance) return undefined;
    const epsilon = floatAttribute(normalization.attributes, "epsilon", 1e-5);
    for (let c = 0; c < channels; c++) {
      const factor = elementAt(scale.data, c) / Math.sqrt(elementAt(variance.data, c) + epsilon);
      factors[c] = factor;
      offsets[c] = (elementAt(bias, c) - elementAt(mean.data, c)) * factor + elementAt(shift.data, c);
    }
  }
  const size = weights.length / channels;
  const scaled = new Float64Array(weights.length);
  for (let k = 0; k < scaled.length; k++) scaled[k] = weights[k]! * factors[Math.floor(k / size)]!;
  return {
    ...shape,
    weights: scaled,
    bias: offsets,
    slopes,
  };
}

type ReadWeights = (
  name: string | undefined,
) => Promise<{ readonly dims: readonly number[]; readonly data: Float32Array } | undefined>;

/** Factors of negative values, one per channel. */
async function readSlopes(node: Node, channels: number, rank: number, read: ReadWeights) {
  if (node.opType === "Relu") return new Float64Array(channels);
  if (node.opType === "LeakyRelu") {
    return new Float64Array(channels).fill(floatAttribute(node.attributes, "alpha", 0.01));
  }
  const slope = await read(node.inputs[1]);
  if (slope === undefined) return undefined;
  if (slope.data.length === 1) return new Float64Array(channels).fill(elementAt(slope.data, 0));
  // One per channel: [channels, 1, …], along the axis of the channels.
  const along = slope.dims.at(-1 - rank) === channels && slope.data.length === channels;
  return along ? Float64Array.from(slope.data) : undefined;
}
