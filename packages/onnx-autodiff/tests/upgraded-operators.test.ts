import { type Tensor, tensor } from "@voxplain/core";
import {
  type AttributeValue,
  graphBuilder,
  type Model,
  modelOf,
  type OperatorName,
  upgradeOpset,
} from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { runOnnx } from "../../../tests/direct-runtime.ts";
import { directionalDerivatives, drawn } from "./directional-derivative.ts";

type Input = readonly number[] | Tensor;

interface Old {
  readonly name: string;
  readonly op: OperatorName;
  readonly opset: number;
  readonly dims: readonly number[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly inputs?: readonly Input[];
  readonly outputs?: number;
  /** Whether it has a gradient; default: true. */
  readonly differentiable?: boolean;
}

const float = (...values: readonly number[]) => tensor("float32", [values.length], Float32Array.from(values));
const floats = (...values: readonly number[]): AttributeValue => ({ floats: values });

const cases: readonly Old[] = [
  { name: "Squeeze", op: "Squeeze", opset: 11, dims: [2, 1, 3], attributes: { axes: [1] } },
  { name: "Squeeze of all", op: "Squeeze", opset: 7, dims: [2, 1, 3] },
  { name: "Unsqueeze", op: "Unsqueeze", opset: 9, dims: [2, 3], attributes: { axes: [0, 2] } },
  { name: "ReduceSum", op: "ReduceSum", opset: 11, dims: [2, 3, 4], attributes: { axes: [-1], keepdims: 0 } },
  { name: "ReduceSum of all", op: "ReduceSum", opset: 9, dims: [2, 3] },
  { name: "Split", op: "Split", opset: 11, dims: [2, 7], attributes: { axis: 1, split: [4, 3] }, outputs: 2 },
  { name: "Split in halves", op: "Split", opset: 9, dims: [6, 2], outputs: 2 },
  { name: "Clip", op: "Clip", opset: 9, dims: [3, 5], attributes: { min: -0.25, max: 0.75 } },
  { name: "Clip from below", op: "Clip", opset: 7, dims: [3, 5], attributes: { min: { float: 0 } } },
  { name: "Pad", op: "Pad", opset: 9, dims: [2, 3], attributes: { pads: [0, 1, 0, 2], value: 1.5 } },
  {
    name: "Pad, mirrored",
    op: "Pad",
    opset: 10,
    dims: [1, 1, 4, 5],
    attributes: { pads: [0, 0, 1, 2, 0, 0, 2, 1], mode: "reflect" },
  },
  {
    name: "Slice",
    op: "Slice",
    opset: 9,
    dims: [4, 5, 3],
    attributes: { starts: [1, -3], ends: [9, 5], axes: [0, 1] },
  },
  {
    name: "Slice to the end",
    op: "Slice",
    opset: 9,
    dims: [4, 5],
    attributes: { starts: [1], ends: [2 ** 63], axes: [1] },
  },
  { name: "Slice without axes", op: "Slice", opset: 7, dims: [4, 5], attributes: { starts: [1], ends: [3] } },
  { name: "TopK", op: "TopK", opset: 9, dims: [3, 7], attributes: { k: 2, axis: 1 }, outputs: 2 },
  { name: "Softmax of the last axis", op: "Softmax", opset: 11, dims: [2, 5], attributes: { axis: 1 } },
  { name: "Softmax of several axes", op: "Softmax", opset: 9, dims: [2, 3, 4] },
  { name: "LogSoftmax of all axes", op: "LogSoftmax", opset: 11, dims: [2, 3, 4], attributes: { axis: 0 } },
  { name: "Softmax from behind", op: "Softmax", opset: 12, dims: [2, 3, 4], attributes: { axis: -2 } },
  { name: "Hardmax of several axes", op: "Hardmax", opset: 11, dims: [2, 3, 4], differentiable: false },
  {
    name: "Upsample with scales as an attribute",
    op: "Upsample",
    opset: 7,
    dims: [1, 2, 3, 5],
    attributes: { mode: "nearest", scales: floats(1, 1, 2, 3) },
  },
  {
    name: "Upsample",
    op: "Upsample",
    opset: 9,
    dims: [1, 2, 3, 5],
    attributes: { mode: "nearest" },
    inputs: [float(1, 1, 1.5, 2.25)],
  },
  {
    name: "Upsample, linear",
    op: "Upsample",
    opset: 9,
    dims: [1, 2, 3, 5],
    attributes: { mode: "linear" },
    inputs: [float(1, 1, 2, 1.5)],
  },
  {
    name: "Resize, longer",
    op: "Resize",
    opset: 10,
    dims: [1, 1, 3, 5],
    inputs: [float(1, 1, 1.7, 2)],
  },
  {
    name: "Resize, shorter",
    op: "Resize",
    opset: 10,
    dims: [1, 1, 7, 8],
    inputs: [float(1, 1, 0.6, 0.5)],
  },
  {
    name: "Resize, linear, longer and shorter",
    op: "Resize",
    opset: 10,
    dims: [1, 1, 7, 4],
    attributes: { mode: "linear" },
    inputs: [float(1, 1, 0.6, 1.5)],
  },
  { name: "Dropout", op: "Dropout", opset: 7, dims: [2, 3], attributes: { ratio: 0.3 } },
  {
    name: "BatchNormalization",
    op: "BatchNormalization",
    opset: 7,
    dims: [2, 3, 4],
    attributes: { epsilon: 1e-3, momentum: 0.9, spatial: 1 },
    inputs: [float(1, 2, 3), float(0.5, -1, 0), float(0.1, 0.2, 0.3), float(1, 2, 0.5)],
  },
  {
    name: "Scatter",
    op: "Scatter",
    opset: 9,
    dims: [3, 3],
    attributes: { axis: 1 },
    inputs: [
      tensor("int64", [1, 2], BigInt64Array.of(2n, 0n)),
      tensor("float32", [1, 2], Float32Array.of(7, 8)),
    ],
  },
  { name: "Gemm", op: "Gemm", opset: 9, dims: [2, 3], inputs: [[3, 4], [4]], attributes: { alpha: 0.5 } },
  { name: "PRelu", op: "PRelu", opset: 9, dims: [2, 3, 4], inputs: [[3, 1]] },
  {
    name: "AveragePool",
    op: "AveragePool",
    opset: 7,
    dims: [1, 2, 5, 7],
    attributes: { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1], count_include_pad: 1 },
  },
  {
    name: "RoiAlign",
    op: "RoiAlign",
    opset: 10,
    dims: [1, 2, 6, 7],
    attributes: { output_height: 2, output_width: 3, sampling_ratio: 2 },
    inputs: [
      tensor("float32", [1, 4], Float32Array.of(0.5, 1, 5, 4.5)),
      tensor("int64", [1], BigInt64Array.of(0n)),
    ],
    differentiable: false,
  },
];

/** y is the operator's first output; the others are outputs too. */
function modelOfCase({ op, opset, dims, attributes, inputs = [], outputs = 1 }: Old): Model {
  const graph = graphBuilder("old");
  graph.input("x", "float32", dims);
  const weights = inputs.map((input, k) =>
    graph.initializer(`w${k}`, "dtype" in input ? input : drawn(input, k + 11)),
  );
  const [y = "", ...others] = graph.addMany(op, ["x", ...weights], outputs, attributes, { name: op });
  graph.output(graph.add("Identity", [y], {}, { outputs: ["y"] }), "float32", undefined);
  for (const other of others) {
    graph.output(other, op === "TopK" ? "int64" : "float32", undefined);
  }
  return modelOf(graph.build(), { opsets: { "": opset } });
}

describe("an upgraded operator gives the same values, to the bit", () => {
  it.each(cases)("$name ($opset)", async (old) => {
    const model = modelOfCase(old);
    const x = drawn(old.dims, 5);
    const upgraded = upgradeOpset(model);
    expect(upgraded.opsets[""]).toBe(17);
    const found = await runOnnx(upgraded, { x });
    expect(found).toEqual(await runOnnx(model, { x }));
  });
});

describe("an old operator has a gradient", () => {
  it.each(cases.filter(({ differentiable = true }) => differentiable))("$name ($opset)", async (old) => {
    const { found, expected } = await directionalDerivatives(modelOfCase(old), old.dims);
    // 1e-3: the error of central differences is of the order of step² (6e-5) times a third derivative.
    expect(Math.abs(found - expected)).toBeLessThan(1e-3 * Math.max(1, Math.abs(expected)));
  });
});
