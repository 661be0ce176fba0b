import type { AttributeValue, OperatorName } from "@voxplain/onnx-graph";
import type { GradientCase } from "./case.ts";

type Attributes = Readonly<Record<string, AttributeValue>>;

/** A convolution of [2, in, …space]; odd, unequal lengths let exchanged axes fail. */
function conv(name: string, space: number[], weight: number[], attributes: Attributes = {}): GradientCase {
  const group = typeof attributes.group === "number" ? attributes.group : 1;
  return {
    name: `Conv ${name}`,
    inputs: [["2n", weight[1]! * group, ...space]],
    build: (g, [x]) => g.node("Conv", [x!, g.weight(weight), g.weight([weight[0]!])], attributes),
  };
}

function pool(
  opType: OperatorName,
  name: string,
  space: number[],
  attributes: Attributes,
  opset = 17,
): GradientCase {
  return {
    name: `${opType} ${name}`,
    opset,
    inputs: [["2n", 2, ...space]],
    build: (g, [x]) => g.node(opType, [x!], attributes),
  };
}

export const convolutionCases: readonly GradientCase[] = [
  conv("1D", [9], [3, 2, 3], { pads: [1, 0], strides: [2] }),
  conv("2D without attributes", [5, 6], [3, 2, 2, 3]),
  conv("3D with padding 1", [4, 5, 3], [3, 2, 3, 3, 3], { pads: [1, 1, 1, 1, 1, 1] }),
  conv("with asymmetric padding", [5, 6], [3, 2, 3, 2], { pads: [2, 0, 1, 1] }),
  conv("with more padding than the kernel reaches", [4, 5], [2, 1, 2, 1], { pads: [2, 1, 3, 2] }),
  conv("with dilation", [7, 6], [2, 2, 3, 2], { dilations: [2, 3], pads: [1, 2, 2, 1] }),
  conv("3D with dilation", [5, 6, 4], [2, 1, 2, 2, 2], { dilations: [1, 3, 2], pads: [0, 1, 1, 1, 0, 2] }),
  conv("with groups", [4, 5], [6, 2, 3, 2], { group: 3, pads: [1, 0, 1, 1] }),
  conv("depthwise 3D", [3, 4, 5], [4, 1, 2, 3, 2], { group: 2 }),
  conv("of stride 2", [7, 6], [3, 2, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  conv("of stride 3 with a kernel of 2", [8, 7], [2, 2, 2, 2], { strides: [3, 3], pads: [1, 0, 1, 2] }),
  conv("of stride 2 with a kernel of 1", [5, 6], [3, 2, 1, 1], { strides: [2, 2] }),
  conv("of unequal strides 3D", [7, 5, 6], [2, 2, 4, 3, 2], { strides: [3, 1, 2], pads: [1, 2, 0, 2, 1, 1] }),
  conv("7 wide of stride 2", [13, 11], [2, 1, 7, 7], { strides: [2, 2], pads: [3, 3, 3, 3] }),
  conv("of stride 2 with a padding wider than the kernel", [3, 2], [2, 1, 1, 2], {
    strides: [3, 2],
    pads: [3, 3, 3, 2],
  }),
  conv("of stride 2 with dilation", [9, 8], [2, 2, 3, 2], {
    strides: [2, 3],
    dilations: [2, 1],
    pads: [2, 0, 1, 1],
  }),
  conv("of stride 2 with groups 3D", [5, 6, 7], [4, 2, 2, 3, 3], {
    strides: [2, 2, 2],
    group: 2,
    pads: [0, 1, 1, 1, 1, 0],
  }),
  conv("padded as SAME_UPPER", [6, 5], [2, 2, 3, 2], { auto_pad: "SAME_UPPER", strides: [2, 1] }),
  conv("padded as SAME_LOWER", [6, 5], [2, 2, 2, 3], { auto_pad: "SAME_LOWER", strides: [1, 3] }),
  conv("padded as VALID", [6, 5], [2, 2, 2, 3], { auto_pad: "VALID" }),
];

export const poolingCases: readonly GradientCase[] = [
  pool("MaxPool", "2D", [6, 4], { kernel_shape: [2, 2], strides: [2, 2] }),
  pool("MaxPool", "3D that leaves a rest", [5, 7, 4], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }),
  pool("MaxPool", "padded in front", [5, 7, 3], {
    kernel_shape: [2, 2, 2],
    strides: [2, 2, 2],
    pads: [1, 1, 1, 0, 0, 0],
  }),
  pool("MaxPool", "with gaps", [8, 7], { kernel_shape: [2, 1], strides: [3, 2], pads: [0, 0, 1, 0] }),
  pool("MaxPool", "with a last window that is not full", [5, 7], {
    kernel_shape: [2, 3],
    strides: [2, 3],
    ceil_mode: 1,
  }),
  pool("MaxPool", "3D with padding and ceil_mode", [4, 5, 6], {
    kernel_shape: [2, 3, 2],
    strides: [3, 3, 2],
    pads: [1, 1, 0, 0, 1, 1],
    ceil_mode: 1,
  }),
  pool("MaxPool", "overlapping", [7, 6], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  pool("MaxPool", "overlapping 3D of stride 1", [4, 5, 3], { kernel_shape: [2, 3, 2] }),
  pool("MaxPool", "overlapping with ceil_mode", [7, 6], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    ceil_mode: 1,
  }),
  pool("MaxPool", "dilated", [7, 8], {
    kernel_shape: [2, 3],
    strides: [2, 3],
    dilations: [2, 2],
    pads: [1, 0, 0, 1],
  }),
  pool("MaxPool", "padded as SAME_UPPER", [5, 7], {
    kernel_shape: [2, 2],
    strides: [2, 2],
    auto_pad: "SAME_UPPER",
  }),
  pool("AveragePool", "2D", [6, 4], { kernel_shape: [2, 2], strides: [2, 2] }),
  pool("AveragePool", "3D that leaves a rest", [5, 7, 4], { kernel_shape: [2, 3, 2], strides: [2, 3, 2] }),
  pool("AveragePool", "of stride 1", [5, 6], { kernel_shape: [3, 2] }),
  pool("AveragePool", "7 wide of stride 1 to one element", [7, 7], { kernel_shape: [7, 7], strides: [1, 1] }),
  pool("AveragePool", "with padding that does not count", [6, 5], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  pool("AveragePool", "with padding that counts", [6, 5], {
    kernel_shape: [3, 2],
    strides: [2, 2],
    pads: [1, 1, 0, 1],
    count_include_pad: 1,
  }),
  pool("AveragePool", "tiled, with padding that does not count", [5, 6, 4], {
    kernel_shape: [2, 2, 2],
    strides: [2, 2, 2],
    pads: [1, 0, 0, 0, 0, 0],
  }),
  pool("AveragePool", "with ceil_mode", [7, 6], { kernel_shape: [2, 3], strides: [2, 2], ceil_mode: 1 }),
  pool("AveragePool", "with ceil_mode and padding 3D", [5, 6, 4], {
    kernel_shape: [3, 2, 2],
    strides: [2, 2, 2],
    pads: [1, 0, 1, 1, 1, 0],
    ceil_mode: 1,
  }),
  pool("AveragePool", "with ceil_mode and padding that counts", [6, 5], {
    kernel_shape: [3, 2],
    strides: [2, 2],
    pads: [1, 0, 0, 0],
    ceil_mode: 1,
    count_include_pad: 1,
  }),
  pool("AveragePool", "with gaps", [8, 7], { kernel_shape: [2, 1], strides: [3, 2] }),
  pool(
    "AveragePool",
    "dilated",
    [8, 7],
    { kernel_shape: [2, 3], strides: [2, 1], dilations: [3, 2], pads: [1, 0, 1, 1] },
    19,
  ),
  pool("AveragePool", "padded as SAME_LOWER", [5, 7], {
    kernel_shape: [2, 2],
    strides: [2, 2],
    auto_pad: "SAME_LOWER",
  }),
  pool("GlobalAveragePool", "2D", [3, 5], {}),
  pool("GlobalAveragePool", "3D", [3, 2, 4], {}),
  pool("GlobalMaxPool", "2D", [3, 5], {}),
  pool("GlobalMaxPool", "3D", [3, 2, 4], {}),
];
