import { floatAttribute, intAttribute, type Model, type Node } from "@voxplain/onnx-graph";
import type { GraphView } from "./graph-view.ts";
import { rewrite } from "./rewrite.ts";

/** Weights beyond this take too much memory in float64: 8 MB. */
const mostWeights = 2 ** 20;
/** Rows of an image, such as its tokens, beyond which float64 takes time. */
const mostRows = 64;
const float32 = 1;
const float64 = 11;

/**
 * Small linear layers, such as the last ones of a network, in float64. Their products may cancel: for a network of 16
 * convolutions whose logits are near −36, the difference of the two logits was off by up to 3.3e-4 in float32 and 6.0e-5
 * in float64 (PyTorch's float32: 8.3e-5; onnxruntime-node 1.30). They take no time beside the convolutions.
 */
export function doubleProducts(model: Model): Model {
  return rewrite(model, (view, { add, remove }) => {
    for (const node of view.nodes) {
      if (!isSmallLayer(view, node)) continue;
      remove(node);
      const inputs = node.inputs.map((input) => add(node, "Cast", [input], { to: float64 }));
      const { attributes } = node;
      const transA = intAttribute(attributes, "transA", 0);
      const transB = intAttribute(attributes, "transB", 0);
      const product = add(node, "Gemm", inputs, { transA, transB });
      add(node, "Cast", [product], { to: float32 }, node.outputs[0]);
    }
  });
}

function isSmallLayer(view: GraphView, { opType, domain, inputs, attributes }: Node): boolean {
  const [x = "", weight = "", bias = ""] = inputs;
  if (opType !== "Gemm" || domain !== "" || !view.isFloat32(x) || !view.isFloat32(weight)) return false;
  if (!view.isConstant(weight) || inputs.slice(2).some((value) => value === "")) return false;
  if (bias !== "" && !view.isConstant(bias)) return false;
  if (["alpha", "beta"].some((key) => floatAttribute(attributes, key, 1) !== 1)) return false;
  const rows = view.dims(x)?.[0];
  const isBatch = view.model.graph.inputs.some(({ dims }) => rows !== undefined && dims?.[0] === rows);
  if (!isBatch && !(typeof rows === "number" && rows <= mostRows)) return false;
  const dims = view.dims(weight) ?? [];
  const count = dims.reduce<number>((product, length) => product * Number(length), 1);
  return dims.length === 2 && count <= mostWeights;
}
