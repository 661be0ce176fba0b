import type { AttributeValue, OperatorName } from "@voxplain/onnx-graph";
import type { GradientCase } from "./case.ts";

type Attributes = Readonly<Record<string, AttributeValue>>;

function pool(
  opType: OperatorName,
  name: string,
  space: readonly number[],
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

/** Its gradient is not that of the lowering to WebGPU, which knows indices by rows. */
function poolByColumns(name: string, space: readonly number[], attributes: Attributes): GradientCase {
  const byColumns = pool("MaxPool", name, space, { ...attributes, storage_order: 1 });
  return { ...byColumns, name: `indices by columns of ${byColumns.name}` };
}

/** MaxPool, something that is not linear, and MaxUnpool at the places of the maxima. */
function unpool(
  name: string,
  space: readonly number[],
  pooling: Attributes,
  unpooling: Attributes,
  shape?: readonly number[],
): GradientCase {
  return {
    name: `MaxUnpool ${name}`,
    inputs: [[2, 2, ...space]],
    build: (g, [x]) => {
      const [values, indices] = g.nodes("MaxPool", [x!], 2, pooling) as [string, string];
      const given = shape ? [g.int64([2, 2, ...shape])] : [];
      return g.node("MaxUnpool", [g.node("Exp", [values]), indices, ...given], unpooling);
    },
  };
}

const by2 = { kernel_shape: [2, 2], strides: [2, 2] };

export const furtherPoolingCases: readonly GradientCase[] = [
  ...[1, 2, 3].flatMap((p) => [
    pool("LpPool", `of order ${p}, 1D`, [7], { p, kernel_shape: [3], strides: [2], pads: [1, 0] }),
    pool("LpPool", `of order ${p}, 2D, overlapping`, [7, 6], { p, kernel_shape: [3, 2], strides: [2, 1] }),
    pool("LpPool", `of order ${p}, 3D, tiled`, [4, 5, 6], {
      p,
      kernel_shape: [2, 3, 2],
      strides: [2, 3, 2],
    }),
    pool("GlobalLpPool", `of order ${p}, 2D`, [3, 5], { p }),
    pool("GlobalLpPool", `of order ${p}, 3D`, [3, 2, 4], { p }),
  ]),
  pool(
    "LpPool",
    "with ceil_mode and dilation",
    [7, 8],
    { kernel_shape: [2, 3], strides: [2, 2], dilations: [3, 2], pads: [1, 0, 1, 1], ceil_mode: 1 },
    18,
  ),
  pool("LpPool", "padded as SAME_UPPER", [5, 7], { ...by2, auto_pad: "SAME_UPPER" }),
  pool("MaxPool", "1D, overlapping", [9], { kernel_shape: [3], strides: [2], pads: [1, 0] }),
  pool("MaxPool", "padded as SAME_LOWER, overlapping", [5, 7], {
    kernel_shape: [3, 2],
    strides: [2, 1],
    auto_pad: "SAME_LOWER",
  }),
  pool("MaxPool", "padded as VALID", [5, 7], { ...by2, auto_pad: "VALID" }),
  pool("MaxPool", "dilated 3D with ceil_mode", [5, 7, 6], {
    kernel_shape: [2, 3, 2],
    strides: [2, 1, 3],
    dilations: [2, 2, 3],
    pads: [1, 0, 1, 0, 1, 1],
    ceil_mode: 1,
  }),
  poolByColumns("1D", [6], { kernel_shape: [2], strides: [2] }),
  poolByColumns("2D", [5, 7], { ...by2 }),
  poolByColumns("3D, overlapping", [4, 5, 6], {
    kernel_shape: [3, 2, 3],
    strides: [2, 1, 2],
  }),
  pool("AveragePool", "1D with ceil_mode", [8], { kernel_shape: [3], strides: [2], ceil_mode: 1 }),
  pool("AveragePool", "1D with ceil_mode and padding that counts", [8], {
    kernel_shape: [3],
    strides: [2],
    pads: [0, 1],
    ceil_mode: 1,
    count_include_pad: 1,
  }),
  pool("AveragePool", "3D with ceil_mode and padding that counts", [5, 6, 7], {
    kernel_shape: [3, 2, 2],
    strides: [3, 3, 2],
    pads: [1, 0, 1, 0, 1, 0],
    ceil_mode: 1,
    count_include_pad: 1,
  }),
  pool(
    "AveragePool",
    "dilated 3D with ceil_mode and padding that counts",
    [6, 7, 8],
    {
      kernel_shape: [2, 3, 2],
      strides: [2, 2, 3],
      dilations: [3, 2, 1],
      pads: [1, 0, 1, 1, 2, 0],
      ceil_mode: 1,
      count_include_pad: 1,
    },
    19,
  ),
  pool("AveragePool", "padded as SAME_UPPER, 3D, counted", [5, 6, 7], {
    kernel_shape: [2, 3, 2],
    strides: [2, 2, 1],
    auto_pad: "SAME_UPPER",
    count_include_pad: 1,
  }),
  unpool("2D", [6, 4], by2, by2),
  unpool("2D with a shape", [7, 5], by2, by2, [7, 5]),
  unpool(
    "3D with padding",
    [4, 5, 6],
    {
      kernel_shape: [2, 3, 2],
      strides: [2, 3, 2],
      pads: [0, 1, 0, 0, 0, 0],
    },
    { kernel_shape: [2, 3, 2], strides: [2, 3, 2], pads: [0, 1, 0, 0, 0, 0] },
  ),
];
