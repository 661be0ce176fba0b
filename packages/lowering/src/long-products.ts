import { tensor } from "@voxplain/core";
import { floatAttribute, intAttribute, type Model, type Node } from "@voxplain/onnx-graph";
import type { GraphView } from "./graph-view.ts";
import { type Rewriting, rewrite } from "./rewrite.ts";

/** Inputs of a linear layer from which on it is worth the copies. */
const worthSplitting = 4096;
/** Of 32,256 inputs and 1,300 outputs (two threads): one row takes 5.6 ms, four 9.5, sixteen 14.2, which are no more exact than four. */
const fewestParts = 4;
const mostParts = 16;

/**
 * Linear layers of many inputs, such as the first one behind the convolutions, as the sum of parts. ONNX Runtime adds all
 * products of an output in one row: with 32,256 inputs the outputs are off by 1.0e-6 of their norm (PyTorch: 3.9e-7;
 * onnxruntime-node 1.30). Each part is a row of the input that is zero elsewhere, so that the weights stay as they are.
 */
export function longProducts(model: Model): Model {
  return rewrite(model, (view, rewriting) => {
    for (const node of view.nodes) {
      const layer = longLayer(view, node);
      if (layer !== undefined) inParts(rewriting, layer);
    }
  });
}

interface LongLayer {
  readonly node: Node;
  readonly inputs: number;
  readonly parts: number;
}

function longLayer(view: GraphView, node: Node): LongLayer | undefined {
  const [x = "", weight = "", bias] = node.inputs;
  if (node.opType !== "Gemm" || node.domain !== "" || !view.isFloat32(x)) return undefined;
  if (!view.isConstant(weight) || (bias && !view.isConstant(bias))) return undefined;
  const plain = ["alpha", "beta"].every((key) => floatAttribute(node.attributes, key, 1) === 1);
  const inputs = view.dims(x)?.[1];
  if (!plain || intAttribute(node.attributes, "transA", 0) === 1 || typeof inputs !== "number")
    return undefined;
  const counts = Array.from({ length: mostParts - fewestParts + 1 }, (_, k) => fewestParts + k);
  const parts = counts.find((count) => inputs % count === 0);
  return inputs >= worthSplitting && parts !== undefined ? { node, inputs, parts } : undefined;
}

/** [N, K] → [N, parts, parts, K/parts], zero off the diagonal → [N·parts, K] → [N·parts, M] → [N, M]. */
function inParts({ builder, add, remove }: Rewriting, { node, inputs, parts }: LongLayer): void {
  const [x, weight, bias] = node.inputs as [string, string, string?];
  remove(node);
  const diagonal = Float32Array.from({ length: parts * parts }, (_, k) => (k % (parts + 1) === 0 ? 1 : 0));
  const rows = add(node, "Reshape", [x, builder.int64([-1, 1, parts, inputs / parts])]);
  const apart = add(node, "Mul", [rows, builder.constant(tensor("float32", [parts, parts, 1], diagonal))]);
  const wide = add(node, "Reshape", [apart, builder.int64([-1, inputs])]);
  const transB = intAttribute(node.attributes, "transB", 0);
  const products = add(node, "Gemm", [wide, weight], { transB });
  const outputs = add(node, "Slice", [
    add(node, "Shape", [products]),
    ...[1, 2].map((k) => builder.int64([k])),
  ]);
  const grouped = add(node, "Reshape", [
    products,
    add(node, "Concat", [builder.int64([-1, parts]), outputs], { axis: 0 }),
  ]);
  const axis = builder.int64([1]);
  const output = bias ? undefined : node.outputs[0];
  const sum = add(node, "ReduceSum", [grouped, axis], { keepdims: 0 }, output);
  if (bias) add(node, "Add", [sum, bias], {}, node.outputs[0]);
}
