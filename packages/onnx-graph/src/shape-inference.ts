import { elementAt, VoxplainError } from "@voxplain/core";
import { type Dim, type Initializer, isInMemory, type Model, type Node, type ValueInfo } from "./model.ts";
import { entryFor } from "./operator-name.ts";
import { shapeRules } from "./shape-rules/index.ts";
import { type Known, knownOf, mostElements } from "./shape-rules/known.ts";

/** More axes than any operator takes; a hostile graph could double them with every node. */
const mostAxes = 64;

/**
 * Types and shapes of every value of a model: inputs, initializers and outputs of nodes. Symbols
 * such as "batch" are carried along, and shapes that the graph itself computes are followed. An
 * operator without a rule (another domain, control flow) leaves the axes of its outputs undefined
 * and their type that of its first input, unless the file states them.
 * @throws VoxplainError `mismatch` naming the node whose inputs do not fit together, and their shapes.
 */
export function inferShapes(model: Model): ReadonlyMap<string, ValueInfo> {
  const known = inferKnown(model, (_node, _inputs, outputs) => outputs);
  return new Map([...known].map(([name, { dtype, dims }]) => [name, { name, dtype, dims }]));
}

/** Adds what is known about a node's outputs beyond its rule. */
export type Refinement = (
  node: Node,
  inputs: readonly (Known | undefined)[],
  outputs: readonly Known[],
) => readonly Known[];

/** What is known of every value, node by node; each node sees what was refined before it. */
export function inferKnown(model: Model, refine: Refinement): ReadonlyMap<string, Known> {
  const { graph } = model;
  const known = new Map<string, Known>();
  const stated = new Map([...graph.valueInfo, ...graph.outputs].map((value) => [value.name, value]));
  for (const { name, dtype, dims } of graph.inputs) known.set(name, { dtype, dims });
  for (const [name, value] of graph.initializers) {
    known.set(name, knownOfInitializer(value));
  }
  const opset = model.opsets[""] ?? 0;
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => known.get(name));
    const outputs = inferNode(node, opset, inputs, stated, (error) => {
      throw doesNotFit(node, inputs, error);
    });
    for (const [k, value] of refine(node, inputs, outputs).entries()) {
      const name = elementAt(node.outputs, k);
      if (name !== "") known.set(name, value);
    }
  }
  return known;
}

export function knownOfInitializer(value: Initializer): Known {
  return isInMemory(value) ? knownOf(value) : { dtype: value.dtype, dims: value.dims };
}

/**
 * What is known of a node's outputs.
 * @param stated what the file says of values.
 * @param onMisfit what is known of them where the inputs do not fit together.
 */
export function inferNode(
  node: Node,
  opset: number,
  inputs: readonly (Known | undefined)[],
  stated: ReadonlyMap<string, ValueInfo>,
  onMisfit: (error: RangeError) => readonly Known[],
): readonly Known[] {
  const inferred = infer(node, opset, inputs, onMisfit);
  return node.outputs.map((name, k) => completed(inferred[k], stated.get(name), inputs[0]));
}

function infer(
  node: Node,
  opset: number,
  inputs: readonly (Known | undefined)[],
  onMisfit: (error: RangeError) => readonly Known[],
): readonly Known[] {
  try {
    return entryFor(shapeRules, node)?.({ node, opset, inputs }) ?? [];
  } catch (error) {
    if (error instanceof RangeError) return onMisfit(error);
    throw error;
  }
}

function doesNotFit(node: Node, inputs: readonly (Known | undefined)[], cause: RangeError): VoxplainError {
  const shapes = node.inputs.map(
    (name, k) => `"${name}" [${inputs[k]?.dims?.map(lengthText).join(", ") ?? "?"}]`,
  );
  return new VoxplainError(
    "mismatch",
    `${node.opType} "${node.name}" does not fit its inputs ${shapes.join(", ")}: ${cause.message}`,
    { cause },
  );
}

function lengthText(dim: Dim): string {
  return dim === null ? "?" : String(dim);
}

/** What a rule found; where it left something open, what the file states. */
function completed(found: Known | undefined, stated: ValueInfo | undefined, first: Known | undefined): Known {
  const dtype = found?.dtype ?? stated?.dtype ?? first?.dtype ?? "float32";
  if (found?.dims === undefined || found.dims.length > mostAxes) return { dtype, dims: stated?.dims };
  const elements = found.elements && found.elements.length <= mostElements ? found.elements : undefined;
  const other = stated?.dims?.length === found.dims.length ? stated.dims : undefined;
  const dims = found.dims.map((dim, axis) => dim ?? other?.[axis] ?? null);
  return { dtype, dims, elements };
}
