import { elementCount, type Tensor, tensor } from "@voxplain/core";
import { type Model, nodeOutput } from "@voxplain/onnx-graph";
import { type Convolution, convolution3d } from "./graph-view.ts";
import { type Rewriting, rewrite } from "./rewrite.ts";

/**
 * A large 3D convolution to one or two channels, such as the last of the gradient, as one per line of the
 * kernel in [1, 1, kw] windows, then the sum of the lines of a plane, then that of the planes. ONNX Runtime
 * copies every window before it multiplies, and with so few channels the copies are the cost: for 15 channels
 * and 3×3×3, 45 + 27 + 9 instead of 405 per voxel.
 */
export function thinConvolution(model: Model): Model {
  return rewrite(model, (view, rewriting) => {
    for (const node of view.nodes) {
      const convolution = convolution3d(view, node);
      if (convolution !== undefined && isThin(convolution)) splitByLines(rewriting, convolution);
    }
  });
}

function isThin({ input, output, window: { kernel, dilations } }: Convolution): boolean {
  const [depth, height, width] = kernel as [number, number, number];
  const whole = input.channels * depth * height * width;
  const inLines = input.channels * width + output.channels * depth * (height * height + depth);
  return depth > 1 && dilations[0] === 1 && output.channels <= 2 && 2 * inLines <= whole;
}

function splitByLines(
  { builder, add, remove }: Rewriting,
  { node, input, output, window }: Convolution,
): void {
  const { kernel, dilations, padsBefore, padsAfter } = window;
  const [depth, height, width] = kernel as [number, number, number];
  const [, heightStep, widthStep] = dilations as [number, number, number];
  const [x, weight, ...bias] = node.inputs as [string, string, ...string[]];
  const planes = depth * output.channels;
  const along = (axis: number) =>
    [padsBefore, padsAfter].flatMap((pads) => pads.map((amount, k) => (k === axis ? amount : 0)));

  remove(node);
  // [Co, Ci, kd, kh, kw] → [kd, Co, kh, Ci, kw] → [kd·Co·kh, Ci, 1, 1, kw]
  const byLine = add(node, "Transpose", [weight], { perm: [2, 0, 3, 1, 4] });
  const flat = add(node, "Reshape", [byLine, builder.int64([planes * height, input.channels, 1, 1, width])]);
  const perLine = add(node, "Conv", [x, flat], {
    ...{ kernel_shape: [1, 1, width], dilations: [1, 1, widthStep], pads: along(2) },
  });
  const sumOfLines = builder.constant(
    oneHot([planes, height, 1, height, 1], (_, line, place) => line === place),
  );
  const perPlane = add(node, "Conv", [perLine, sumOfLines], {
    ...{ kernel_shape: [1, height, 1], dilations: [1, heightStep, 1], pads: along(1), group: planes },
  });
  const sumOfPlanes = builder.constant(
    oneHot(
      [output.channels, planes, depth, 1, 1],
      (channel, k, place) => k === place * output.channels + channel,
    ),
  );
  const attributes = { kernel_shape: [depth, 1, 1], pads: along(0) };
  add(node, "Conv", [perPlane, sumOfPlanes, ...bias], attributes, nodeOutput(node));
}

/** Weights [out, in, …, k, …] with one axis of more than one place, 1 where `isOne` says so. */
function oneHot(
  dims: readonly [number, number, number, number, number],
  isOne: (output: number, input: number, place: number) => boolean,
): Tensor<"float32"> {
  const [outputs, inputs, ...kernel] = dims;
  const places = elementCount(kernel);
  const data = new Float32Array(elementCount(dims));
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      for (let place = 0; place < places; place++) {
        if (isOne(output, input, place)) data[(output * inputs + input) * places + place] = 1;
      }
    }
  }
  return tensor("float32", dims, data);
}
