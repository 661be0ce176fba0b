import { elementCount, tensor } from "@voxplain/core";
import type { Model } from "@voxplain/onnx-graph";
import { type Convolution, convolution3d } from "./graph-view.ts";
import { type Rewriting, rewrite } from "./rewrite.ts";

/**
 * A large 3D convolution to one or two channels, such as the last of the gradient, as two: one per
 * plane of the kernel in [1, kh, kw] windows, then the sum of the planes. ONNX Runtime copies every
 * window before it multiplies, and with so few channels the copies are the cost: for 8 channels and
 * 3×3×3, 72 + 9 instead of 216 per voxel.
 */
export function thinConvolution(model: Model): Model {
  return rewrite(model, (view, rewriting) => {
    for (const node of view.nodes) {
      const convolution = convolution3d(view, node);
      if (convolution !== undefined && isThin(convolution)) splitByPlanes(rewriting, convolution);
    }
  });
}

function isThin({ input, output, window: { kernel, dilations } }: Convolution): boolean {
  const [depth, height, width] = kernel as [number, number, number];
  const whole = input.channels * depth * height * width;
  const inPlanes = input.channels * height * width + output.channels * depth * depth;
  return depth > 1 && dilations[0] === 1 && output.channels <= 2 && 2 * inPlanes <= whole;
}

function splitByPlanes(
  { builder, add, remove }: Rewriting,
  { node, input, output, window }: Convolution,
): void {
  const { kernel, dilations, padsBefore, padsAfter } = window;
  const [depth, height, width] = kernel as [number, number, number];
  const [x, weight, ...bias] = node.inputs as [string, string, ...string[]];
  const planes = depth * output.channels;
  // [Co, Ci, kd, kh, kw] → [kd, Co, Ci, kh, kw] → [kd·Co, Ci, 1, kh, kw]
  const byPlane = add(node, "Transpose", [weight], { perm: [2, 0, 1, 3, 4] });
  const flat = add(node, "Reshape", [byPlane, builder.int64([planes, input.channels, 1, height, width])]);
  const perPlane = add(node, "Conv", [x, flat], {
    kernel_shape: [1, height, width],
    dilations,
    pads: [0, padsBefore[1]!, padsBefore[2]!, 0, padsAfter[1]!, padsAfter[2]!],
  });
  const sumDims = [output.channels, planes, depth, 1, 1];
  const sum = tensor("float32", sumDims, new Float32Array(elementCount(sumDims)));
  for (let channel = 0; channel < output.channels; channel++) {
    for (let k = 0; k < depth; k++)
      sum.data[(channel * planes + k * output.channels + channel) * depth + k] = 1;
  }
  remove(node);
  const attributes = { kernel_shape: [depth, 1, 1], pads: [padsBefore[0]!, 0, 0, padsAfter[0]!, 0, 0] };
  add(node, "Conv", [perPlane, builder.constant(sum), ...bias], attributes, node.outputs[0]!);
}
