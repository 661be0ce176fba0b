import {
  floatAttribute,
  type Model,
  type Node,
  nodeInput,
  nodeOutput,
  normalizesByBatch,
} from "@voxplain/onnx-graph";
import { convolution3d, type GraphView } from "./graph-view.ts";
import { type Rewriting, rewrite } from "./rewrite.ts";

/**
 * Takes multiplications by a constant per channel into the weights of the convolution beside them:
 * a BatchNormalization after it, and, in the gradient, the Mul before it that comes of one. The new
 * weights are nodes on the old ones, which ONNX Runtime computes once. It
 * folds the normalizations itself, but not the Mul; and the passes that follow see convolutions only.
 */
export function foldScale(model: Model): Model {
  const convolutions = rewrite(model, (view, rewriting) => {
    for (const node of view.nodes) {
      if (node.opType === "BatchNormalization" && node.domain === "")
        foldNormalization(view, rewriting, node);
    }
  });
  return rewrite(convolutions, (view, rewriting) => {
    for (const node of view.nodes) {
      if (node.opType === "Mul" && node.domain === "") foldFactor(view, rewriting, node);
    }
  });
}

/** s · (W∗x + b − mean) + shift, with s = scale / √(variance + ε), is a convolution with s·W. */
function foldNormalization(view: GraphView, { builder, add, remove }: Rewriting, node: Node): void {
  if (normalizesByBatch(node)) return;
  const [x, scale, shift, mean, variance] = node.inputs as [string, string, string, string, string];
  const before = convolution3d(view, view.soleProducer(x, "Conv"));
  if (before === undefined || node.outputs.filter((output) => view.isUsed(output)).length > 1) return;
  if (![scale, shift, mean, variance].every(view.isConstant)) return;
  const [input, weight, bias] = before.node.inputs as [string, string, string?];
  const epsilon = builder.scalar(floatAttribute(node.attributes, "epsilon", 1e-5));
  const deviation = add(node, "Sqrt", [add(node, "Add", [variance, epsilon])]);
  const factor = add(node, "Div", [scale, deviation]);
  const column = add(node, "Reshape", [factor, builder.int64([-1, 1, 1, 1, 1])]);
  const centred = bias ? add(node, "Sub", [bias, mean]) : add(node, "Neg", [mean]);
  const offset = add(node, "Add", [add(node, "Mul", [centred, factor]), shift]);
  const scaled = add(node, "Mul", [weight, column]);
  remove(node, before.node);
  builder.addNode({ ...before.node, inputs: [input, scaled, offset], outputs: [nodeOutput(node)] });
}

/** W∗(s·x) is (s·W)∗x: [C, 1, 1, 1] broadcasts over [Co, C, k, k, k] as over [N, C, D, H, W]. */
function foldFactor(view: GraphView, { builder, add, remove }: Rewriting, node: Node): void {
  const after = convolution3d(view, view.soleConsumer(node.outputs[0]));
  if (after?.node.inputs[0] !== node.outputs[0] || after === undefined) return;
  const factor = node.inputs.find(view.isConstant);
  const x = node.inputs.find((input) => !view.isConstant(input));
  if (factor === undefined || x === undefined || view.dims(x)?.length !== 5) return;
  const dims = view.dims(factor);
  const channels = dims?.at(-4) ?? 1;
  const perChannel = dims?.every((length, axis) => length === 1 || axis === dims.length - 4);
  if (!perChannel || (channels !== 1 && channels !== after.input.channels)) return;
  // A broadcasting Mul would have changed the channels of x.
  if (view.dims(x)?.[1] !== after.input.channels) return;
  const scaled = add(after.node, "Mul", [nodeInput(after.node, 1), factor]);
  remove(node, after.node);
  builder.addNode({ ...after.node, inputs: [x, scaled, ...after.node.inputs.slice(2)] });
}
