import { tensor, VoxplainError } from "@voxplain/core";
import { type GraphBuilder, graphBuilder, intAttribute } from "./builder.ts";
import { foldConstants } from "./fold-constants.ts";
import { batchAxis, batchAxisAfter, lengthOf } from "./free-batch/batch-axis.ts";
import { perImage } from "./free-batch/per-image.ts";
import type { Graph, Model, Node } from "./model.ts";
import { inferKnown } from "./shape-inference.ts";
import { fromFront } from "./shape-rules/axes.ts";
import { type Known, numbersOf } from "./shape-rules/known.ts";
import { upgradeOpset } from "./upgrade-opset.ts";

/** A model whose batch may be of any length, if that is provably right. */
export interface FreedBatch {
  /** With a symbol for the length of the batch, or the given model where it has to stay. */
  readonly model: Model;
  /** What keeps the batch from being of any length: a sentence that names the node. */
  readonly obstacle?: string;
}

/**
 * Lets a model that was exported for one image (or a fixed number) take batches of any length: the
 * first axis of its inputs gets a symbol. Reshapes to constant shapes keep the batch, and constants
 * that are put beside images (a class token) are repeated. The batch is freed only where node by node
 * every image is treated by itself, so that the results for each are those of the given model.
 * A model whose batch is free already stays as it is; one of an older operator set is upgraded, and what
 * it computes from constants is folded.
 */
export function withFreeBatch(given: Model, symbol = "batch"): FreedBatch {
  const { inputs } = given.graph;
  const fixed = inputs[0]?.dims?.[0];
  if (typeof fixed !== "number") return { model: given };
  const other = inputs.find(({ dims }) => dims?.[0] !== fixed);
  if (other !== undefined) {
    return {
      model: given,
      obstacle: `the first axes of the inputs "${inputs[0]!.name}" and "${other.name}" differ`,
    };
  }
  try {
    return { model: freed(upgradeOpset(given), fixed, symbol) };
  } catch (error) {
    if (!(error instanceof VoxplainError)) throw error;
    return { model: given, obstacle: error.message };
  }
}

function freed(model: Model, fixed: number, symbol: string): Model {
  const unbound: Graph = {
    ...model.graph,
    inputs: model.graph.inputs.map((input) => ({ ...input, dims: [symbol, ...input.dims!.slice(1)] })),
    outputs: model.graph.outputs.map((output) => ({ ...output, dims: undefined })),
    // Shapes noted at the export are those of the fixed batch.
    valueInfo: [],
  };
  const { graph } = foldConstants({ ...model, graph: unbound });
  const builder = graphBuilder(graph.name, graph);
  const tracker = { dependent: new Set(graph.inputs.map(({ name }) => name)), counts: new Set<string>() };
  const known = inferKnown({ ...model, graph }, (node, inputs, outputs) => {
    try {
      const [changed, results] = rewritten(builder, node, inputs, outputs, { fixed, symbol, ...tracker });
      builder.addNode(changed);
      return results;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new VoxplainError(
        "unsupported",
        `${node.opType} "${node.name}" needs batches of ${fixed}: ${error.message}`,
      );
    }
  });
  for (const { name } of graph.outputs) {
    if (known.get(name)?.dims?.[0] === symbol) continue;
    throw new VoxplainError("unsupported", `the output "${name}" does not begin with an axis for the batch`);
  }
  const built = builder.build();
  const outputs = graph.outputs.map((output) => ({ ...output, dims: known.get(output.name)!.dims }));
  return { ...model, graph: { ...built, nodes: built.nodes.slice(graph.nodes.length), outputs } };
}

interface Batch {
  readonly fixed: number;
  readonly symbol: string;
  /** Values that depend on the images. */
  readonly dependent: Set<string>;
  /** Values that tell how many images there are. */
  readonly counts: Set<string>;
}

/** The node, and what is known of its outputs, for a batch of any length. @throws RangeError saying why not. */
function rewritten(
  builder: GraphBuilder,
  node: Node,
  inputs: readonly (Known | undefined)[],
  outputs: readonly Known[],
  batch: Batch,
): readonly [Node, readonly Known[]] {
  const { symbol, dependent, counts } = batch;
  if (node.opType === "Shape" || node.opType === "Size") {
    if (batchAxis(inputs[0], symbol) !== undefined && numbersOf(outputs[0]) === undefined) {
      counts.add(node.outputs[0]!);
    }
    return [node, outputs];
  }
  const isDependent = node.inputs.some((name) => dependent.has(name));
  const counting = node.inputs.map((name) => counts.has(name));
  if (!isDependent && inputs.every((input) => batchAxis(input, symbol) === undefined)) {
    if (!counting.includes(true)) return [node, outputs];
    // Lengths are reckoned with until they make a shape.
    const isFilled = node.opType === "ConstantOfShape" || node.opType === "Expand";
    if (!isFilled) for (const name of node.outputs) counts.add(name);
    if (!isFilled && outputs.some((output) => batchAxis(output, symbol) !== undefined)) {
      throw new RangeError("it numbers the images");
    }
    return [node, outputs];
  }
  if (isDependent) for (const name of node.outputs) dependent.add(name);
  const [changed, results] = keptApart(builder, node, inputs, outputs, batch);
  const settings = ["Reshape", "Expand", "Slice", "Tile", "Resize", "Pad"].includes(node.opType);
  if (counting.some((is, k) => is && !(settings && k > 0))) {
    throw new RangeError("it computes with the number of images");
  }
  const check =
    node.domain === "" && Object.hasOwn(perImage, node.opType) ? perImage[node.opType] : undefined;
  for (const [k, output] of results.entries()) {
    if (node.outputs[k] === "") continue;
    const outputAxis = batchAxis(output, symbol)?.axis;
    const axes = inputs.map((input) => batchAxis(input, symbol)?.axis);
    if (outputAxis === undefined || !check?.({ node, inputs, output, axes, outputAxis })) {
      throw new RangeError("it may not treat every image by itself");
    }
    const length = output.dims![outputAxis];
    const lengths = inputs.map((input, position) => input?.dims?.[axes[position] ?? -1]);
    if (node.opType !== "Reshape" && lengths.some((each) => each !== undefined && each !== length)) {
      throw new RangeError("it brings the images together with something in another order");
    }
  }
  return [changed, results];
}

function keptApart(
  builder: GraphBuilder,
  node: Node,
  inputs: readonly (Known | undefined)[],
  outputs: readonly Known[],
  batch: Batch,
): readonly [Node, readonly Known[]] {
  if (node.opType === "Reshape") return reshaped(builder, node, inputs, outputs, batch);
  if (node.opType === "Concat") return concatenated(builder, node, inputs, outputs, batch);
  if (node.opType === "Resize") return resized(builder, node, inputs, outputs, batch);
  return [node, outputs];
}

/** A constant shape counts the images that it was exported with. */
function reshaped(
  builder: GraphBuilder,
  node: Node,
  [x, shape]: readonly (Known | undefined)[],
  outputs: readonly Known[],
  { fixed, symbol }: Batch,
): readonly [Node, readonly Known[]] {
  const images = batchAxis(x, symbol);
  const target = numbersOf(shape);
  if (target === undefined || images === undefined) return [node, outputs];
  const from = x!.dims!.map((dim, k) => (k === images.axis ? images.before * fixed * images.after : dim));
  if (!from.every((length) => typeof length === "number"))
    throw new RangeError("lengths of its input are not known");
  const count = from.reduce((product, length) => product * length, 1);
  const copies = intAttribute(node.attributes, "allowzero", 0) === 0;
  const lengths = target.map((length, k) => (length === 0 && copies ? from[k]! : length));
  const others = lengths.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const to = lengths.map((length) => (length === -1 ? count / others : length));
  const place = batchAxisAfter(from, images, to, fixed);
  const dims = to.map((length, k) => (k === place.axis ? lengthOf(place, symbol) : length));
  const free = to.map((length, k) => (k === place.axis ? -1 : length));
  const name = builder.fresh(`${node.outputs[0]}/shape`);
  builder.initializer(name, tensor("int64", [free.length], BigInt64Array.from(free, BigInt)));
  const known = { ...outputs[0]!, dims, elements: undefined };
  return [{ ...node, inputs: [node.inputs[0]!, name], attributes: {} }, [known]];
}

/** What is put beside every image is repeated for each. */
function concatenated(
  builder: GraphBuilder,
  node: Node,
  inputs: readonly (Known | undefined)[],
  outputs: readonly Known[],
  { fixed, symbol }: Batch,
): readonly [Node, readonly Known[]] {
  const position = inputs.findIndex((input) => batchAxis(input, symbol) !== undefined);
  const { axis } = batchAxis(inputs[position], symbol)!;
  const rank = inputs[position]!.dims!.length;
  if (fromFront([intAttribute(node.attributes, "axis", 0)], rank)[0] === axis) return [node, outputs];
  const names = node.inputs.map((name, k) => {
    const part = inputs[k];
    const length = part?.dims?.[axis];
    if (part === undefined || typeof length !== "number") return name;
    if (length !== 1 || fixed !== 1) throw new RangeError("it puts as many constants beside the images");
    const add = (opType: string, given: readonly string[], attributes = {}) =>
      builder.add(opType, given, attributes, { name: builder.fresh(`${node.outputs[0]}/${opType}`) });
    const images = add("Shape", [node.inputs[position]!], { start: axis, end: axis + 1 });
    // Expand broadcasts: 1 keeps the other lengths.
    const ones = (count: number) => builder.int64(new Array<number>(count).fill(1));
    return add("Expand", [name, add("Concat", [ones(axis), images, ones(rank - axis - 1)], { axis: 0 })]);
  });
  const dim = inputs[position]!.dims![axis]!;
  const known = outputs.map((output) => ({ ...output, dims: output.dims?.with(axis, dim) }));
  return [{ ...node, inputs: names }, known];
}

/** Constant sizes begin with the number of images. */
function resized(
  builder: GraphBuilder,
  node: Node,
  inputs: readonly (Known | undefined)[],
  outputs: readonly Known[],
  { fixed, symbol }: Batch,
): readonly [Node, readonly Known[]] {
  const sizes = numbersOf(inputs[3]);
  const dim = inputs[0]?.dims?.[0];
  const counts = sizes?.[0] === fixed && dim === symbol && !("axes" in node.attributes);
  if (!counts || sizes === undefined) return [node, outputs];
  const add = (opType: string, given: readonly string[], attributes = {}) =>
    builder.add(opType, given, attributes, { name: builder.fresh(`${node.outputs[0]}/${opType}`) });
  const images = add("Shape", [node.inputs[0]!], { start: 0, end: 1 });
  const free = add("Concat", [images, builder.int64(sizes.slice(1))], { axis: 0 });
  const known = { ...outputs[0]!, dims: [dim!, ...sizes.slice(1)] };
  return [{ ...node, inputs: [...node.inputs.slice(0, 3), free] }, [known]];
}
