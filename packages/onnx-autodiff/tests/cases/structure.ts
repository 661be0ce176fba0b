import type { AttributeValue, OperatorName } from "@voxplain/onnx-graph";
import type { GradientCase } from "./case.ts";

type Attributes = Readonly<Record<string, AttributeValue>>;
type Dims = readonly (number | "2n")[];

function gemm(a: Dims, b: Dims, c: Dims | undefined, attributes: Attributes): GradientCase {
  return {
    name: `Gemm ${JSON.stringify(attributes)}, C of [${c ?? "none"}]`,
    inputs: c === undefined ? [a, b] : [a, b, c],
    build: (g, inputs) => g.node("Gemm", inputs, attributes),
  };
}

function matMul(a: Dims, b: Dims): GradientCase {
  return {
    name: `MatMul of [${a.join(", ")}] and [${b.join(", ")}]`,
    inputs: [a, b],
    build: (g, inputs) => g.node("MatMul", inputs),
  };
}

export const matmulCases: readonly GradientCase[] = [
  gemm(["2n", 3], [3, 4], [4], {}),
  gemm(["2n", 3], [4, 3], ["2n", 1], { transB: 1, alpha: 0.5, beta: { float: 2 } }),
  gemm([3, "2n"], [3, 4], undefined, { transA: 1, alpha: -1.5 }),
  gemm([3, "2n"], [4, 3], [], { transA: 1, transB: 1, beta: 0.25 }),
  matMul(["2n", 3], [3, 4]),
  matMul(["2n", 5, 2, 3], ["2n", 5, 3, 4]),
  matMul(["2n", 5, 2, 3], [3, 4]),
  matMul([4, 3], ["2n", 1, 3, 2]),
  matMul(["2n", 1, 4, 3], [5, 3, 2]),
  matMul([3], ["2n", 3, 4]),
  matMul(["2n", 4, 3], [3]),
  matMul([3], [3]),
];

/** Slice with [start, end, axis, step] per axis. */
function slice(
  name: string,
  dims: Dims,
  ...ranges: readonly (readonly [number, number, number, number])[]
): GradientCase {
  return {
    name: `Slice ${name}`,
    inputs: [dims],
    build: (g, [x]) =>
      g.node("Slice", [x!, ...[0, 1, 2, 3].map((k) => g.int64(ranges.map((range) => range[k]!)))]),
  };
}

function pad(name: string, dims: Dims, pads: readonly number[], value?: number): GradientCase {
  return {
    name: `Pad ${name}`,
    inputs: [dims],
    build: (g, [x]) =>
      g.node("Pad", [x!, g.int64(pads), ...(value === undefined ? [] : [g.floats([value], [])])]),
  };
}

function reshape(dims: Dims, target: readonly number[]): GradientCase {
  return {
    name: `Reshape [${dims.join(", ")}] to [${target.join(", ")}]`,
    inputs: [dims],
    build: (g, [x]) => g.node("Mul", [g.node("Reshape", [x!, g.int64(target)]), g.floats([2])]),
  };
}

const end = 2 ** 31 - 1;

export const movementCases: readonly GradientCase[] = [
  reshape(["2n", 3, 4], [0, 12]),
  reshape(["2n", 3, 4], [-1, 4]),
  reshape(["2n", 3, 4], [4, -1]),
  reshape(["2n", 3, 4], [1, 0, -1]),
  reshape([6, 4], [2, 3, 4]),
  ...[0, 1, 2, -1].map(
    (axis): GradientCase => ({
      name: `Flatten from axis ${axis}`,
      inputs: [["2n", 3, 4]],
      build: (g, [x]) => g.node("Flatten", [x!], { axis }),
    }),
  ),
  {
    name: "Squeeze",
    inputs: [["2n", 1, 3, 1]],
    build: (g, [x]) => g.node("Squeeze", [x!, g.int64([1, -1])]),
  },
  { name: "Squeeze of every 1", inputs: [[2, 1, 3]], build: (g, [x]) => g.node("Squeeze", [x!]) },
  { name: "Unsqueeze", inputs: [["2n", 3]], build: (g, [x]) => g.node("Unsqueeze", [x!, g.int64([0, -1])]) },
  { name: "Transpose", inputs: [["2n", 3, 4]], build: (g, [x]) => g.node("Transpose", [x!]) },
  {
    name: "Transpose in a cycle",
    inputs: [["2n", 3, 4, 5]],
    build: (g, [x]) => g.node("Transpose", [x!], { perm: [2, 0, 3, 1] }),
  },
  {
    name: "Concat of three, one of them fixed",
    inputs: [
      ["2n", 3, 2],
      ["2n", 1, 2],
    ],
    build: (g, [x, y]) => g.node("Concat", [x!, g.weight([2, 2, 2]), y!], { axis: -2 }),
  },
  {
    name: "Split, of which one part is used",
    inputs: [["2n", 6, 2]],
    build: (g, [x]) => g.node("Exp", [g.nodes("Split", [x!, g.int64([1, 3, 2])], 3, { axis: 1 })[1]!]),
  },
  {
    name: "Split, whose parts meet again",
    inputs: [["2n", 4]],
    build: (g, [x]) => g.node("Mul", g.nodes("Split", [x!, g.int64([2, 2])], 2, { axis: -1 })),
  },
  slice("in front of the end", ["2n", 5, 6], [1, 4, 1, 1], [-3, end, -1, 1]),
  slice("with steps", ["2n", 7, 6], [1, end, 1, 2], [0, 5, 2, 3]),
  slice("backwards", ["2n", 5, 6], [-1, -(2 ** 31), 1, -1], [4, 0, 2, -2]),
  slice("whose steps end before the axis", ["2n", 8], [0, 5, 1, 4]),
  slice("of the batch", ["2n", 3], [1, end, 0, 1]),
  slice("beyond the ends", ["2n", 4], [-99, 99, 1, 1]),
  pad("in front of each axis", ["2n", 1, 3, 5], [0, 0, 1, 1, 0, 0, 0, 0]),
  pad("by 3 with a value", ["2n", 3, 2], [0, 1, 2, 0, 0, 1], 3),
  pad("that crops", ["2n", 5, 6], [0, -1, 2, 0, -2, -3]),
  {
    name: "Pad of two axes",
    opset: 18,
    inputs: [["2n", 3, 4]],
    build: (g, [x]) => g.node("Pad", [x!, g.int64([1, 0, 2, 1]), "", g.int64([-1, 1])]),
  },
  {
    name: "Expand",
    inputs: [[3, 1]],
    build: (g, [x]) => g.node("Expand", [x!, g.int64([2, 1, 4])]),
  },
  {
    name: "Expand to the shape of another",
    inputs: [
      [1, 3],
      ["2n", 3],
    ],
    build: (g, [x, y]) => g.node("Mul", [g.node("Expand", [x!, g.node("Shape", [y!])]), y!]),
  },
];

function reduction(
  opType: OperatorName,
  name: string,
  dims: Dims,
  axes: readonly number[] | undefined,
  attributes: Attributes,
  opset = 17,
): GradientCase {
  const asInput = opType === "ReduceSum" || opset >= 18;
  return {
    name: `${opType} ${name}, operator set ${opset}`,
    opset,
    inputs: [dims],
    build: (g, [x]) =>
      asInput
        ? g.node(opType, axes === undefined ? [x!] : [x!, g.int64(axes)], attributes)
        : g.node(opType, [x!], { ...attributes, ...(axes && { axes }) }),
  };
}

export const reductionCases: readonly GradientCase[] = (["ReduceSum", "ReduceMean"] as const).flatMap(
  (opType) =>
    [17, 18].flatMap((opset) => [
      reduction(opType, "over space", ["2n", 3, 4, 5], [2, 3], {}, opset),
      reduction(opType, "without keeping axes", ["2n", 3, 4], [-1, 1], { keepdims: 0 }, opset),
      reduction(opType, "over everything", ["2n", 3], undefined, {}, opset),
      reduction(opType, "over the batch", ["2n", 3], [0], { keepdims: 0 }, opset),
    ]),
);

function batchNormalization(space: readonly number[], attributes: Attributes): GradientCase {
  return {
    name: `BatchNormalization ${space.length}D ${JSON.stringify(attributes)}`,
    inputs: [["2n", 3, ...space]],
    build: (g, [x]) =>
      g.node(
        "BatchNormalization",
        [x!, g.weight([3]), g.weight([3]), g.weight([3]), g.weight([3], "positive")],
        attributes,
      ),
  };
}

function instanceNormalization(space: readonly number[], attributes: Attributes): GradientCase {
  return {
    name: `InstanceNormalization ${space.length}D ${JSON.stringify(attributes)}`,
    inputs: [["2n", 3, ...space]],
    build: (g, [x]) => g.node("InstanceNormalization", [x!, g.weight([3]), g.weight([3])], attributes),
  };
}

export const normalizationCases: readonly GradientCase[] = [
  batchNormalization([], {}),
  batchNormalization([4, 3], { epsilon: 0.25 }),
  batchNormalization([2, 3, 4], {}),
  instanceNormalization([7], {}),
  instanceNormalization([4, 3], { epsilon: 0.25 }),
  instanceNormalization([2, 3, 4], {}),
];
