import type { AttributeValue } from "@voxplain/onnx-graph";
import type { GradientCase } from "./case.ts";

/** A transposed convolution of [2, in, …space] with a weight [in, out / group, …kernel]. */
function transposed(
  name: string,
  space: readonly number[],
  weight: readonly number[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): GradientCase {
  const group = typeof attributes.group === "number" ? attributes.group : 1;
  return {
    name: `ConvTranspose ${name}`,
    inputs: [["2n", weight[0]!, ...space]],
    build: (g, [x]) =>
      g.node("ConvTranspose", [x!, g.weight(weight), g.weight([weight[1]! * group])], attributes),
  };
}

export const transposedConvolutionCases: readonly GradientCase[] = [
  transposed("1D", [5], [3, 2, 3], { strides: [2], pads: [1, 0] }),
  transposed("2D without attributes", [3, 4], [2, 3, 2, 3]),
  transposed("2D of stride 2", [3, 4], [2, 3, 2, 2], { strides: [2, 2] }),
  transposed("3D of stride 2", [2, 3, 4], [2, 2, 3, 3, 3], {
    strides: [2, 2, 2],
    pads: [1, 1, 1, 1, 1, 1],
    output_padding: [1, 1, 1],
  }),
  transposed("with asymmetric padding", [4, 3], [2, 2, 3, 4], { strides: [2, 3], pads: [2, 0, 1, 3] }),
  transposed("with dilation", [4, 3], [2, 2, 3, 2], {
    strides: [1, 2],
    dilations: [2, 3],
    pads: [1, 2, 0, 1],
  }),
  transposed("with groups", [3, 4], [6, 2, 3, 2], { group: 3, strides: [2, 1], pads: [1, 0, 1, 1] }),
  transposed("depthwise 3D", [2, 3, 2], [3, 1, 2, 3, 2], { group: 3, strides: [2, 1, 3] }),
  transposed("with a kernel of 2 and a stride of 3", [3, 4], [2, 1, 2, 2], {
    strides: [3, 3],
    output_padding: [2, 1],
  }),
  transposed("to a shape", [3, 4], [2, 3, 3, 4], { strides: [2, 3], output_shape: [6, 12] }),
  transposed("to a shape with an odd padding", [3, 4], [2, 3, 4, 3], {
    strides: [2, 3],
    output_shape: [7, 9],
  }),
  transposed("to a shape, SAME_UPPER", [3, 4], [2, 3, 4, 3], {
    strides: [2, 3],
    output_shape: [7, 9],
    auto_pad: "SAME_UPPER",
  }),
  transposed("to a shape, SAME_LOWER", [3, 4], [2, 3, 4, 3], {
    strides: [2, 3],
    output_shape: [7, 9],
    auto_pad: "SAME_LOWER",
  }),
  transposed("to a shape 3D", [2, 3, 4], [2, 1, 3, 2, 3], {
    strides: [2, 2, 1],
    output_shape: [4, 5, 5],
  }),
  transposed("padded as SAME_UPPER", [3, 4], [2, 3, 4, 3], { strides: [2, 2], auto_pad: "SAME_UPPER" }),
  transposed("padded as SAME_LOWER", [3, 4], [2, 3, 4, 3], { strides: [2, 2], auto_pad: "SAME_LOWER" }),
  transposed("padded as VALID", [3, 4], [2, 3, 2, 3], { strides: [2, 3], auto_pad: "VALID" }),
];

/** ONNX Runtime wants less output padding than the stride; PyTorch than the stride or the dilation. */
export const widelyPaddedTransposedCases: readonly GradientCase[] = [
  transposed("with more output padding than the stride", [3, 4], [2, 1, 2, 2], {
    strides: [1, 2],
    dilations: [3, 3],
    output_padding: [2, 2],
    pads: [1, 0, 2, 1],
  }),
];
