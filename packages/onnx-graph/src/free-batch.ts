import { elementAt, VoxplainError } from "@voxplain/core";
import { type GraphBuilder, graphBuilder } from "./builder.ts";
import { foldConstants } from "./fold-constants.ts";
import { batchAxis } from "./free-batch/batch-axis.ts";
import { type Batch, type Kept, keptApart } from "./free-batch/kept-apart.ts";
import { perImage } from "./free-batch/per-image.ts";
import type { Dim, Graph, Model, Node, ValueInfo } from "./model.ts";
import { type ByOperator, entryFor } from "./operator-name.ts";
import { inferKnown } from "./shape-inference.ts";
import { type Known, numbersOf } from "./shape-rules/known.ts";
import { subgraphsOf } from "./subgraphs.ts";
import { upgradeOpset } from "./upgrade-opset.ts";

/** A model that computes every image of a batch as it does alone. */
export interface FreedBatch {
  /** With a symbol for the length of the batch where images provably do not depend on each other, else with a batch of 1. */
  readonly model: Model;
  /** What keeps images from sharing a batch: a sentence that names the node. */
  readonly obstacle?: string;
}

/**
 * The model for batches of any length where node by node every image is treated by itself, so that each has the
 * results that it has alone; for a batch of 1 where that cannot be proven. A model whose batch is free, and for
 * which it is proven, is given back as it is.
 *
 * Where constants count the images that the model was exported with, whether its batch is free or not, they are
 * computed: reshapes to constant shapes keep the batch, sizes of Resize begin with its length, and constants that are
 * put beside images (a class token) are repeated. Such a model is upgraded to operator set 17, and what it computes
 * from constants is folded. Images are inputs with a common first axis.
 * @throws VoxplainError `unsupported` for a model that needs batches of another length than 1.
 */
export function withFreeBatch(given: Model, symbol = "batch"): FreedBatch {
  const fixed = fixedBatchOf(given);
  const length = fixed ?? 1;
  const counted: Batch = { fixed: length, symbol };
  const attempts: (() => Model)[] = [
    () => freed(upgradeOpset(given), counted),
    // Lengths that are computed with the number of images become constants, which count the images too.
    () => freed(foldConstants(withBatchOf(length, upgradeOpset(given))), counted),
  ];
  if (fixed === undefined) {
    attempts.unshift(() => {
      freed(upgradeOpset(given), { fixed: undefined, symbol });
      return given;
    });
  }
  const obstacles: string[] = [];
  for (const attempt of attempts) {
    try {
      checkCommonAxis(given.graph);
      return { model: attempt() };
    } catch (error) {
      if (!(error instanceof VoxplainError)) throw error;
      obstacles.push(error.message);
    }
  }
  const obstacle = obstacles.at(-2) ?? "";
  if (length !== 1) {
    throw new VoxplainError("unsupported", `it takes batches of ${length} only (${obstacle})`, {
      hint: "export it with a dynamic batch axis, or with a batch of 1",
    });
  }
  return { model: fixed === 1 ? given : withBatchOf(1, given), obstacle };
}

/** The length that the file fixes; undefined where it is free. */
function fixedBatchOf({ graph }: Model): number | undefined {
  return graph.inputs.map(({ dims }) => dims?.[0]).find((length) => typeof length === "number");
}

/** The model with the first axes of its inputs, and without the shapes that the file states of other values. */
function withBatchOf(length: Dim, model: Model): Model {
  const { graph } = model;
  return {
    ...model,
    graph: {
      ...graph,
      inputs: graph.inputs.map((input) => ({
        ...input,
        dims: input.dims && [length, ...input.dims.slice(1)],
      })),
      outputs: graph.outputs.map((output) => ({ ...output, dims: undefined })),
      valueInfo: [],
    },
  };
}

/** @throws VoxplainError naming the node at which images may depend on each other. */
function freed(given: Model, batch: Batch): Model {
  const { symbol } = batch;
  const model = foldConstants(withBatchOf(symbol, given));
  const { graph } = model;
  const builder = graphBuilder(graph.name, graph);
  const state: State = {
    dependent: new Set(graph.inputs.map(({ name }) => name)),
    counts: new Set(),
    maxima: new Map(),
    consumers: consumersOf(graph),
    outputs: new Set(graph.outputs.map(({ name }) => name)),
  };
  const known = inferKnown(model, (node, inputs, outputs) => {
    try {
      const [changed, results] = rewritten(builder, node, inputs, outputs, batch, state);
      builder.addNode(changed);
      return results;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new VoxplainError("unsupported", `${node.opType} "${node.name}": ${error.message}`);
    }
  });
  const outputs = graph.outputs.map((output) => {
    const dims = known.get(output.name)?.dims;
    if (dims?.[0] === symbol) return { ...output, dims };
    throw new VoxplainError(
      "unsupported",
      `the output "${output.name}" does not begin with an axis for the batch`,
    );
  });
  const built = builder.build();
  return { ...model, graph: { ...built, nodes: built.nodes.slice(graph.nodes.length), outputs } };
}

/** @throws VoxplainError where inputs begin with axes of different lengths. */
function checkCommonAxis({ inputs: [first, ...others] }: Graph): void {
  const length = ({ dims }: ValueInfo) => dims?.[0] ?? null;
  if (first === undefined) return;
  const other = others.find((input) => length(input) !== length(first));
  if (other === undefined) return;
  throw new VoxplainError(
    "unsupported",
    `the first axes of the inputs "${first.name}" and "${other.name}" differ`,
  );
}

interface State {
  /** Values that depend on the images. */
  readonly dependent: Set<string>;
  /** Values that depend on how many images there are. */
  readonly counts: Set<string>;
  /** Places of maxima, and the shape in which they are counted. */
  readonly maxima: Map<string, readonly Dim[]>;
  readonly consumers: ReadonlyMap<string, readonly Node[]>;
  readonly outputs: ReadonlySet<string>;
}

function consumersOf({ nodes }: Graph): ReadonlyMap<string, readonly Node[]> {
  const consumers = new Map<string, Node[]>();
  for (const node of nodes) {
    for (const name of node.inputs) {
      const found = consumers.get(name);
      if (found) found.push(node);
      else consumers.set(name, [node]);
    }
  }
  return consumers;
}

/** Inputs that may hold the number of images, because they change nothing but the shape of the output. */
const shapeInputs: ByOperator<readonly number[]> = {
  Reshape: [1],
  Expand: [1],
  Tile: [1],
  ConstantOfShape: [0],
  Slice: [1, 2, 3, 4],
  Pad: [1],
  Resize: [2, 3],
};

/** The node, and what is known of its outputs, for a batch of any length. @throws RangeError saying why not. */
function rewritten(
  builder: GraphBuilder,
  node: Node,
  inputs: readonly (Known | undefined)[],
  outputs: readonly Known[],
  batch: Batch,
  state: State,
): readonly [Node, readonly Known[]] {
  const { symbol } = batch;
  const { dependent, counts } = state;
  if (subgraphsOf(node).length > 0) throw new RangeError("it may bring images together in its branches");
  if (/^(Random|Bernoulli|Multinomial)/.test(node.opType)) throw new RangeError("it draws random numbers");
  if (node.domain === "" && (node.opType === "Shape" || node.opType === "Size")) {
    const isCount = batchAxis(inputs[0], symbol) !== undefined && numbersOf(outputs[0]) === undefined;
    if (isCount) counts.add(elementAt(node.outputs, 0));
    return [node, outputs];
  }
  const counting = node.inputs.flatMap((name, k) => (counts.has(name) ? [k] : []));
  const isDependent = node.inputs.some((name) => dependent.has(name));
  const holdsImages = isDependent || inputs.some((input) => batchAxis(input, symbol) !== undefined);
  const settings = entryFor(shapeInputs, node) ?? [];
  const isShaped = counting.length > 0 && counting.every((k) => settings.includes(k));
  if (!holdsImages && !isShaped) {
    if (counting.length === 0) return [node, outputs];
    // Lengths are reckoned with until they make a shape.
    for (const name of node.outputs) counts.add(name);
    if (outputs.some((output) => batchAxis(output, symbol) !== undefined)) {
      throw new RangeError("it numbers the images");
    }
    return [node, outputs];
  }
  if (counting.length > 0 && !isShaped) throw new RangeError("it computes with the number of images");
  if (isDependent) for (const name of node.outputs) dependent.add(name);
  const kept = holdsImages ? keptApart(builder, node, inputs, outputs, batch) : { node, inputs, outputs };
  checkMaxima(node, kept, state);
  for (const [k, output] of kept.outputs.entries()) {
    if (node.outputs[k] === "") continue;
    const outputAxis = axisAmongNumbers(output, symbol);
    if (holdsImages) checkApart(node, kept.inputs, output, outputAxis, symbol);
  }
  return [kept.node, kept.outputs];
}

/** The axis that counts the batch. @throws RangeError where there is none, or another length is not known. */
function axisAmongNumbers(output: Known, symbol: string): number {
  const axis = batchAxis(output, symbol)?.axis;
  if (axis !== undefined && output.dims?.every((dim, k) => k === axis || typeof dim === "number"))
    return axis;
  throw new RangeError(mixing);
}

const mixing = "it may not treat every image by itself";

/** @throws RangeError where images may meet each other, or other things for each of them. */
function checkApart(
  node: Node,
  inputs: readonly (Known | undefined)[],
  output: Known,
  outputAxis: number,
  symbol: string,
): void {
  const { opType } = node;
  const check = entryFor(perImage, node);
  const axes = inputs.map((input) => batchAxis(input, symbol)?.axis);
  if (!check?.({ node, inputs, output, axes, outputAxis })) throw new RangeError(mixing);
  if (opType === "Reshape" || opType === "Flatten") return;
  const length = output.dims?.[outputAxis];
  const lengths = inputs.flatMap((input, k) => (axes[k] === undefined ? [] : [input?.dims?.[axes[k]]]));
  if (lengths.some((each) => each !== length)) {
    throw new RangeError("it brings the images together with something in another order");
  }
}

/** Places of maxima count from the first image on: only MaxUnpool, which counts so too, can use them. */
function checkMaxima(
  { domain, opType, inputs: [, indices = ""], outputs: [, places = ""] }: Node,
  { inputs: [x], outputs: [result] }: Pick<Kept, "inputs" | "outputs">,
  { maxima, consumers, outputs }: State,
): void {
  if (domain !== "") return;
  if (opType === "MaxPool" && places !== "") {
    const isUnpooled = (consumers.get(places) ?? []).every(
      (user) => user.opType === "MaxUnpool" && user.inputs.indexOf(places) === 1,
    );
    if (!isUnpooled || outputs.has(places)) throw new RangeError("it numbers places from the first image on");
    maxima.set(places, x?.dims ?? []);
  }
  if (opType === "MaxUnpool" && maxima.get(indices)?.join() !== result?.dims?.join()) {
    throw new RangeError(mixing);
  }
}
