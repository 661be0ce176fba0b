import { elementAt, elementCount, type Tensor } from "@voxplain/core";
import { arithmeticKernels } from "./folding/arithmetic.ts";
import { filled, type Kernels } from "./folding/kernel.ts";
import { movementKernels } from "./folding/movement.ts";
import { inlineConstantIfs } from "./inline-if.ts";
import { type Dim, type Graph, isInMemory, type Model, type Node, type ValueInfo } from "./model.ts";
import { entryFor } from "./operator-name.ts";
import { inferKnown } from "./shape-inference.ts";
import { type Known, knownOf } from "./shape-rules/known.ts";
import { withoutDeadNodes } from "./simplify.ts";
import { subgraphsOf } from "./subgraphs.ts";

/** How much is folded. */
export interface FoldOptions {
  /** Nodes whose result has more elements stay as they are. Default: 65 536. */
  readonly mostElements?: number;
  /** From the node on with which all results together have more elements, nodes stay as they are. Default: 2²⁴. */
  readonly mostInAll?: number;
}

const kernels: Kernels = { ...arithmeticKernels, ...movementKernels };

/**
 * The model with an initializer in the place of every value that does not depend on what is fed, such
 * as the shapes, pads and ranges that exporters compute: nodes on constants, and lengths that are known
 * of values that are not (the second axis of [batch, 3]). A symbolic axis stays free. An If whose
 * condition turns out to be constant becomes its branch, up to 20 behind each other; what nothing needs any more is left out.
 * Nodes that give an output of the graph stay, and so does what needs a weight that is not in memory.
 * Results are those of ONNX Runtime to the bit: integers are exact, floats are folded where IEEE 754
 * fixes the result (not for exp or sums).
 * @throws VoxplainError `mismatch` as `inferShapes`.
 */
export function foldConstants(model: Model, options: FoldOptions = {}): Model {
  let current = model;
  for (let round = 0; ; round++) {
    const { constants } = inferConstants(current, options);
    const graph = withConstants(current.graph, constants);
    const inlined = round < mostRounds ? inlineConstantIfs(graph) : graph;
    if (inlined === graph) return { ...model, graph: withoutDeadNodes(graph) };
    current = { ...model, graph: inlined };
  }
}

/**
 * A branch may compute the condition of the next If. Exporters nest a few; a hostile file would have the whole graph
 * inferred again for each of thousands.
 */
const mostRounds = 20;

/** Constants in the place of the nodes that compute them, unless those name an output. */
function withConstants(graph: Graph, constants: ReadonlyMap<string, Tensor>): Graph {
  const kept = new Set(graph.outputs.map(({ name }) => name));
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.filter(({ outputs }) => {
    const made = outputs.filter((name) => name !== "");
    if (made.length === 0 || !made.every((name) => constants.has(name) && !kept.has(name))) return true;
    for (const name of made) initializers.set(name, constants.get(name)!);
    return false;
  });
  return { ...graph, nodes, initializers };
}

/** What is known of a graph without feeding it. */
export interface InferredConstants {
  /** Types and shapes of every value, as of `inferShapes`; constants make more lengths known. */
  readonly values: ReadonlyMap<string, ValueInfo>;
  /** The values that do not depend on what is fed, weights that are in memory among them. */
  readonly constants: ReadonlyMap<string, Tensor>;
}

/**
 * What `foldConstants` would fold, for those who leave the graph as it is.
 * @throws VoxplainError `mismatch` as `inferShapes`.
 */
export function inferConstants(model: Model, options: FoldOptions = {}): InferredConstants {
  const { mostElements = 2 ** 16, mostInAll = 2 ** 24 } = options;
  let inAll = 0;
  const constants = new Map<string, Tensor>();
  for (const [name, value] of model.graph.initializers) if (isInMemory(value)) constants.set(name, value);
  const known = inferKnown(model, (node, inputs, outputs) => {
    if (node.domain !== "" || subgraphsOf(node).length > 0) return outputs;
    if (inAll > mostInAll || isTooLarge(node, outputs, mostElements)) return outputs;
    const results =
      computed(node, model, constants, inputs, outputs) ??
      outputs.map((output) => (areExact(node, inputs) ? tensorOf(output) : undefined));
    for (const [k, name] of node.outputs.entries()) {
      const result = results[k];
      if (name === "" || result === undefined) continue;
      constants.set(name, result);
      inAll += result.data.length;
    }
    return outputs.map((output, k) => (results[k] === undefined ? output : knownOf(results[k])));
  });
  const values = new Map([...known].map(([name, { dtype, dims }]) => [name, { name, dtype, dims }]));
  return { values, constants };
}

/** Where all inputs are constants. */
function computed(
  node: Node,
  model: Model,
  constants: ReadonlyMap<string, Tensor>,
  inputs: readonly (Known | undefined)[],
  outputs: readonly Known[],
): readonly (Tensor | undefined)[] | undefined {
  const kernel = entryFor(kernels, node);
  const x = node.inputs.map((name) => constants.get(name));
  if (kernel === undefined || node.inputs.some((name, k) => name !== "" && x[k] === undefined))
    return undefined;
  const seen = inputs.map((input, k) => (x[k] === undefined ? input : withElements(x[k])));
  try {
    return kernel({ node, opset: model.opsets[""] ?? 0, x, inputs: seen, outputs });
  } catch (error) {
    // What does not fit, such as integers beside floats, stays for the runtime to complain about.
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Settings that a rule reads, such as axes, are short; the limit of shape inference is no limit here. */
function withElements(value: Tensor): Known {
  return value.dims.length <= 1 && value.data.length <= 1024
    ? { dtype: value.dtype, dims: value.dims, elements: Array.from(value.data, Number) }
    : knownOf(value);
}

/** An output without a known length can be one of a search in a constant, which is no longer than that. */
function isTooLarge(node: Node, outputs: readonly Known[], mostElements: number): boolean {
  if (node.opType === "Constant") return false;
  return outputs.some(({ dims }) => {
    const lengths = dims?.map((dim) => (typeof dim === "number" ? dim : 1)) ?? [];
    return elementCount(lengths) > mostElements;
  });
}

/** Whether what shape inference reckons with are exact numbers; Slice only compares, and sums of floats may differ. */
function areExact({ opType }: Node, inputs: readonly (Known | undefined)[]): boolean {
  if (opType === "Slice") return true;
  const addsUp = opType === "Range" || opType.startsWith("Reduce");
  if (addsUp && inputs[0]?.dtype.includes("float")) return false;
  return inputs.every((input) =>
    (input?.elements ?? []).every((element) => typeof element !== "number" || isExact(input!, element)),
  );
}

function isExact({ dtype }: Known, element: number): boolean {
  return dtype.startsWith("float") ? Number.isFinite(element) : Number.isSafeInteger(element);
}

const limits: Readonly<Record<string, readonly [number, number]>> = {
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  float32: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  bool: [0, 1],
};

/** Where shape inference knows all elements. */
function tensorOf({ dtype, dims, elements }: Known): Tensor | undefined {
  const limit = limits[dtype];
  if (elements === undefined || limit === undefined || !dims?.every((dim) => typeof dim === "number"))
    return undefined;
  const isHeld = (element: Dim) =>
    typeof element === "number" &&
    element >= limit[0] &&
    element <= limit[1] &&
    (dtype === "float32" || Number.isInteger(element));
  if (!elements.every(isHeld)) return undefined;
  const values = elements as readonly number[];
  return filled(dtype, dims as readonly number[], (k) =>
    dtype === "int64" ? BigInt(elementAt(values, k)) : elementAt(values, k),
  );
}
