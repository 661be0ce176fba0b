import { VoxplainError } from "@voxplain/core";
import { isInMemory, type Model, type ValueInfo } from "./model.ts";
import { shapeRules } from "./shape-rules/index.ts";
import { type Known, knownOf, type ShapeContext } from "./shape-rules/known.ts";

/**
 * Types and shapes of every value of a model. An operator without a rule leaves its outputs' axes
 * unknown (and everything that depends on them), unless the file states them.
 * @throws VoxplainError `mismatch` naming the node whose inputs do not fit together.
 */
export function inferShapes(model: Model): ReadonlyMap<string, ValueInfo> {
  const { graph } = model;
  const known = new Map<string, Known>();
  const stated = new Map([...graph.valueInfo, ...graph.outputs].map((value) => [value.name, value]));
  for (const { name, dtype, dims } of graph.inputs) known.set(name, { dtype, dims });
  for (const [name, value] of graph.initializers) {
    known.set(name, isInMemory(value) ? knownOf(value) : { dtype: value.dtype, dims: value.dims });
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => (name === "" ? undefined : known.get(name)));
    const outputs = infer({ node, opset: model.opsets[node.domain] ?? 0, inputs });
    for (const [k, name] of node.outputs.entries()) {
      const found = outputs[k] ?? stated.get(name);
      const fallback: Known = { dtype: inputs[0]?.dtype ?? "float32", dims: undefined };
      if (name !== "")
        known.set(name, found?.dims === undefined ? (stated.get(name) ?? found ?? fallback) : found);
    }
  }
  return new Map([...known].map(([name, { dtype, dims }]) => [name, { name, dtype, dims }]));
}

function infer(context: ShapeContext): readonly Known[] {
  const { node } = context;
  const rule = node.domain === "" ? shapeRules[node.opType] : undefined;
  if (rule === undefined) return [];
  try {
    return rule(context);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const shapes = context.inputs.map((input) => `[${input?.dims?.join(", ") ?? ""}]`).join(", ");
    throw new VoxplainError(
      "mismatch",
      `${node.opType} "${node.name}" with inputs ${shapes}: ${error.message}`,
      {
        cause: error,
      },
    );
  }
}
