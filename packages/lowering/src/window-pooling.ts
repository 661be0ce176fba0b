import {
  intAttribute,
  intsAttribute,
  type Model,
  type Node,
  nodeInput,
  nodeOutput,
  windowOf,
} from "@voxplain/onnx-graph";
import type { GraphView } from "./graph-view.ts";
import { overlappingWindows } from "./overlapping-windows.ts";
import type { PoolingGradient } from "./pooling-gradient.ts";
import { rewrite } from "./rewrite.ts";
import { separateWindows } from "./separate-windows.ts";

/**
 * The gradient of max-pooling without the positions of the maxima, which WebGPU does not give: each
 * window is looked at again, and its first element in scan order that equals the maximum gets the
 * cotangent. For any window: padded, overlapping, dilated, with gaps, or reaching over the end.
 */
export function windowPooling(model: Model): Model {
  return rewrite(model, (view, rewriting) => {
    for (const node of view.nodes) {
      const found = poolingGradient(view, node);
      if (found === undefined) continue;
      const { gradient, replaced } = found;
      rewriting.remove(node, ...replaced);
      rewriting.builder.addNode({ ...node, outputs: [nodeOutput(node)] });
      const { kernel, strides, dilations } = gradient.window;
      const apart = kernel.every((size, axis) => strides[axis] === size && dilations[axis] === 1);
      (apart ? separateWindows : overlappingWindows)(rewriting, gradient);
    }
  });
}

function poolingGradient(
  view: GraphView,
  node: Node,
): { gradient: PoolingGradient; replaced: readonly Node[] } | undefined {
  const [x = ""] = node.inputs;
  const [, indices] = node.outputs;
  if (node.opType !== "MaxPool" || node.domain !== "" || !indices || !view.isFloat32(x)) return undefined;
  // Positions that count by columns are used otherwise.
  if (intAttribute(node.attributes, "storage_order", 0) === 1) return undefined;
  const [, channels, ...input] = view.dims(x) ?? [];
  const output = view.dims(node.outputs[0])?.slice(2) ?? [];
  const fixed = [channels, ...input, ...output];
  if (input.length === 0 || !fixed.every((length) => typeof length === "number")) return undefined;
  const use = unpooling(view, indices) ?? scattering(view, indices);
  if (use === undefined) return undefined;
  const { cotangent, result, original, replaced } = use;
  const window = windowOf(node.attributes, intsAttribute(node.attributes, "kernel_shape", []), input);
  const gradient: PoolingGradient = {
    pooling: node,
    original,
    opset: view.model.opsets[""] ?? 0,
    window,
    channels: channels as number,
    input: input as number[],
    output: output as number[],
    cotangent,
    result,
  };
  return { gradient, replaced };
}

interface IndexUse {
  readonly cotangent: string;
  readonly result: string;
  /** The node that gives the result. */
  readonly original: Node;
  readonly replaced: readonly Node[];
}

/** MaxUnpool(dy, indices, shape). */
function unpooling(view: GraphView, indices: string): IndexUse | undefined {
  const node = view.soleConsumer(indices);
  if (node?.opType !== "MaxUnpool" || node.inputs[1] !== indices) return undefined;
  return { cotangent: nodeInput(node, 0), result: nodeOutput(node), original: node, replaced: [node] };
}

/** Reshape(ScatterElements(zeros, Reshape(indices), Reshape(dy), "add"), shape), where windows overlap. */
function scattering(view: GraphView, indices: string): IndexUse | undefined {
  const flat = view.soleConsumer(indices);
  if (flat?.opType !== "Reshape") return undefined;
  const scatter = view.soleConsumer(flat.outputs[0]);
  if (scatter?.opType !== "ScatterElements" || scatter.inputs[1] !== flat.outputs[0]) return undefined;
  const updates = view.soleProducer(scatter.inputs[2], "Reshape");
  const shaped = view.soleConsumer(scatter.outputs[0]);
  if (updates === undefined || shaped?.opType !== "Reshape") return undefined;
  const replaced = [flat, updates, scatter, shaped];
  return { cotangent: nodeInput(updates, 0), result: nodeOutput(shaped), original: shaped, replaced };
}
