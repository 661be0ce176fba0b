import { type Tensor, tensor } from "@voxplain/core";
import {
  type AttributeValue,
  graphBuilder,
  type Model,
  modelOf,
  type OperatorName,
} from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { directionalDerivatives } from "./directional-derivative.ts";

interface Newer {
  readonly name: string;
  readonly op: OperatorName;
  readonly opset: number;
  readonly dims: readonly number[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** undefined: left out. */
  readonly inputs?: readonly (Tensor | undefined)[];
  readonly outputs?: number;
}

const int64 = (...values: readonly number[]) =>
  tensor("int64", [values.length], BigInt64Array.from(values, BigInt));
const float = (...values: readonly number[]) => tensor("float32", [values.length], Float32Array.from(values));
const image = [1, 2, 5, 6];

/** What changed from operator set 18 on. */
const cases: readonly Newer[] = [
  ...(["Mean", "Max", "Min", "L1", "L2", "LogSumExp", "SumSquare", "Prod"] as const).map((kind) => ({
    name: `Reduce${kind} with axes as an input`,
    op: `Reduce${kind}` as const,
    opset: kind === "Max" ? 20 : 18,
    dims: [3, 4, 5],
    attributes: { keepdims: 0 },
    inputs: [int64(-1, 0)],
  })),
  {
    name: "ReduceMean that does nothing without axes",
    op: "ReduceMean",
    opset: 18,
    dims: [3, 4],
    attributes: { noop_with_empty_axes: 1 },
  },
  {
    name: "Split in unequal parts",
    op: "Split",
    opset: 18,
    dims: [7, 2],
    attributes: { num_outputs: 3 },
    outputs: 3,
  },
  {
    name: "Resize of some axes",
    op: "Resize",
    opset: 18,
    dims: image,
    attributes: { mode: "linear", axes: [3, 2] },
    inputs: [undefined, float(1.5, 0.6)],
  },
  {
    name: "Resize that keeps the aspect ratio",
    op: "Resize",
    opset: 19,
    dims: image,
    attributes: { mode: "linear", axes: [2, 3], keep_aspect_ratio_policy: "not_larger" },
    inputs: [undefined, undefined, int64(9, 9)],
  },
  {
    name: "Resize, half_pixel_symmetric",
    op: "Resize",
    opset: 19,
    dims: image,
    attributes: { mode: "linear", coordinate_transformation_mode: "half_pixel_symmetric" },
    inputs: [undefined, float(1, 1, 1.3, 0.7)],
  },
  {
    name: "Resize with antialiasing",
    op: "Resize",
    opset: 18,
    dims: image,
    attributes: { mode: "linear", antialias: 1 },
    inputs: [undefined, float(1, 1, 0.5, 0.6)],
  },
  {
    name: "Pad of some axes",
    op: "Pad",
    opset: 18,
    dims: image,
    attributes: { mode: "reflect" },
    inputs: [int64(2, 1, 1, 2), undefined, int64(-1, 2)],
  },
  {
    name: "Pad around",
    op: "Pad",
    opset: 19,
    dims: [2, 5],
    attributes: { mode: "wrap" },
    inputs: [int64(0, 2, 0, 3)],
  },
  {
    name: "AveragePool with dilations",
    op: "AveragePool",
    opset: 19,
    dims: image,
    attributes: { kernel_shape: [2, 2], dilations: [2, 1], pads: [1, 0, 0, 1], count_include_pad: 1 },
  },
  {
    name: "GroupNormalization with scales per group",
    op: "GroupNormalization",
    opset: 18,
    dims: [2, 4, 3],
    attributes: { num_groups: 2 },
    inputs: [float(1, 2), float(0.5, -1)],
  },
  {
    name: "GroupNormalization with scales per channel",
    op: "GroupNormalization",
    opset: 21,
    dims: [2, 4, 3],
    attributes: { num_groups: 2 },
    inputs: [float(1, 2, 3, 4), float(0.5, -1, 0, 2)],
  },
  { name: "Gelu", op: "Gelu", opset: 20, dims: [3, 4] },
  { name: "Gelu with tanh", op: "Gelu", opset: 20, dims: [3, 4], attributes: { approximate: "tanh" } },
  { name: "Mish", op: "Mish", opset: 18, dims: [3, 4] },
  {
    name: "ScatterElements that adds",
    op: "ScatterElements",
    opset: 18,
    dims: [3, 2],
    attributes: { reduction: "add" },
    inputs: [
      tensor("int64", [1, 2], BigInt64Array.of(2n, 0n)),
      tensor("float32", [1, 2], Float32Array.of(7, 8)),
    ],
  },
  { name: "Transpose", op: "Transpose", opset: 21, dims: [2, 3, 4], attributes: { perm: [2, 0, 1] } },
  { name: "Flatten", op: "Flatten", opset: 21, dims: [2, 3, 4] },
  { name: "Squeeze", op: "Squeeze", opset: 21, dims: [2, 1, 4], inputs: [int64(1)] },
  {
    name: "LpPool with dilations",
    op: "LpPool",
    opset: 18,
    dims: image,
    attributes: { kernel_shape: [2, 2], dilations: [1, 2] },
  },
  {
    name: "BatchNormalization",
    op: "BatchNormalization",
    opset: 21,
    dims: [2, 3, 4],
    inputs: [float(1, 2, 3), float(0.5, -1, 0), float(0.1, 0.2, 0.3), float(1, 2, 0.5)],
  },
];

function modelOfCase({ op, opset, dims, attributes, inputs = [], outputs = 1 }: Newer): Model {
  const graph = graphBuilder("newer");
  graph.input("x", "float32", dims);
  const weights = inputs.map((value, k) => (value === undefined ? "" : graph.initializer(`w${k}`, value)));
  const parts = graph.addMany(op, ["x", ...weights], outputs, attributes, { name: op });
  // Each part has its own share, so that parts that change places are seen.
  const shares = parts.map((part, k) => graph.add("Mul", [part, graph.scalar(k + 1)]));
  graph.add(outputs === 1 ? "Identity" : "Concat", shares, outputs === 1 ? {} : { axis: 0 }, {
    outputs: ["y"],
  });
  graph.output("y", "float32", undefined);
  return modelOf(graph.build(), { irVersion: 10, opsets: { "": opset } });
}

describe("operators of newer operator sets have the gradients that differences show", () => {
  it.each(cases)("$name ($opset)", async (newer) => {
    const { found, expected } = await directionalDerivatives(modelOfCase(newer), newer.dims);
    // 2e-3: the error of central differences is of the order of step² (6e-5) times a third derivative.
    expect(Math.abs(found - expected)).toBeLessThan(2e-3 * Math.max(1, Math.abs(expected)));
  });
});
