import {
  type ByOperator,
  entryFor,
  intAttribute,
  type Model,
  type Node,
  nodeInput,
  nodeOutput,
} from "@voxplain/onnx-graph";
import type { GraphView } from "./graph-view.ts";
import { type Rewriting, rewrite } from "./rewrite.ts";

/**
 * Other words for operators that ONNX Runtime's WebGPU provider does not have (Sum and Sign, which it
 * leaves to the CPU) or has for two dimensions only (convolutions in groups). As of onnxruntime 1.30.
 */
export function webgpuOperators(model: Model): Model {
  return rewrite(model, (view, rewriting) => {
    for (const node of view.nodes) entryFor(spellings, node)?.(view, rewriting, node);
  });
}

const spellings: ByOperator<(view: GraphView, rewriting: Rewriting, node: Node) => void> = {
  Sum: (_, { add, remove }, node) => {
    const [first, ...others] = node.inputs as [string, ...string[]];
    const last = others.pop();
    const sum = others.reduce((so, next) => add(node, "Add", [so, next]), first);
    remove(node);
    if (last === undefined) add(node, "Identity", [sum], {}, nodeOutput(node));
    else add(node, "Add", [sum, last], {}, nodeOutput(node));
  },
  Sign: (view, { builder, add, remove }, node) => {
    const x = nodeInput(node, 0);
    if (!view.isFloat32(x)) return;
    const [minus, zero, plus] = [-1, 0, 1].map((value) => builder.scalar(value)) as [string, string, string];
    const negative = add(node, "Where", [add(node, "Less", [x, zero]), minus, zero]);
    remove(node);
    add(node, "Where", [add(node, "Greater", [x, zero]), plus, negative], {}, nodeOutput(node));
  },
  Conv: (view, rewriting, node) => {
    const group = intAttribute(node.attributes, "group", 1);
    const dims = view.dims(node.inputs[1]);
    const [outputs, inputs] = dims ?? [];
    if (group === 1 || dims?.length !== 5 || typeof outputs !== "number" || typeof inputs !== "number")
      return;
    byGroups(rewriting, node, group, outputs / group, inputs);
  },
};

/** Each group is a convolution of its own: of its channels, with its rows of the weights. */
function byGroups(
  { builder, add, remove }: Rewriting,
  node: Node,
  group: number,
  outputs: number,
  inputs: number,
): void {
  const [x, weight, bias] = node.inputs as [string, string, string?];
  const range = (value: string, axis: number, start: number, count: number) =>
    add(node, "Slice", [value, ...[start, start + count, axis].map((number) => builder.int64([number]))]);
  const { group: _, ...attributes } = node.attributes;
  const parts = Array.from({ length: group }, (_unused, k) =>
    add(
      node,
      "Conv",
      [
        range(x, 1, k * inputs, inputs),
        range(weight, 0, k * outputs, outputs),
        ...(bias ? [range(bias, 0, k * outputs, outputs)] : []),
      ],
      attributes,
    ),
  );
  remove(node);
  add(node, "Concat", parts, { axis: 1 }, nodeOutput(node));
}
