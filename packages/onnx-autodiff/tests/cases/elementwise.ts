import type { AttributeValue, OperatorName } from "@voxplain/onnx-graph";
import type { GradientCase } from "./case.ts";

type Attributes = Readonly<Record<string, AttributeValue>>;

/** An operator of one input. */
function unary(opType: OperatorName, attributes: Attributes = {}, positive = false): GradientCase {
  return {
    name: `${opType}${Object.keys(attributes).length === 0 ? "" : ` ${JSON.stringify(attributes)}`}`,
    positive,
    inputs: [["2n", 3, 5]],
    build: (g, [x]) => g.node(opType, [x!], attributes),
  };
}

/** An operator that broadcasts. */
function binary(
  opType: OperatorName,
  a: (number | "2n")[],
  b: (number | "2n")[],
  positive = false,
): GradientCase {
  return {
    name: `${opType} of [${a.join(", ")}] and [${b.join(", ")}]`,
    positive,
    inputs: [a, b],
    build: (g, inputs) => g.node(opType, inputs),
  };
}

export const elementwiseCases: readonly GradientCase[] = [
  ...(
    ["Relu", "Sigmoid", "Tanh", "Softplus", "Exp", "Erf", "Abs", "Neg", "Identity", "Dropout"] as const
  ).map((opType) => unary(opType)),
  {
    name: "Dropout that trains, of a ratio of zero",
    inputs: [["2n", 3, 5]],
    build: (g, [x]) => g.node("Dropout", [x!, g.floats([0], []), g.bools([1], [])]),
  },
  ...(["Log", "Sqrt", "Reciprocal"] as const).map((opType) => unary(opType, {}, true)),
  unary("LeakyRelu"),
  unary("LeakyRelu", { alpha: 0.25 }),
  unary("LeakyRelu", { alpha: -0.5 }),
  unary("Elu"),
  unary("Elu", { alpha: 0.5 }),
  unary("Elu", { alpha: -0.5 }),
  unary("Softmax"),
  unary("Softmax", { axis: 1 }),
  unary("LogSoftmax"),
  unary("LogSoftmax", { axis: -2 }),
  binary("Add", ["2n", 3, 4], ["2n", 3, 4]),
  binary("Add", ["2n", 3, 4], [4]),
  binary("Add", [3, 1], ["2n", 1, 4]),
  binary("Sub", ["2n", 3, 4], [1, 3, 1]),
  binary("Sub", [1], ["2n", 3]),
  binary("Mul", ["2n", 3, 1, 2], [3, 4, 1]),
  binary("Mul", [], ["2n", 3]),
  binary("Div", ["2n", 3], ["2n", 1], true),
  binary("Div", [3], ["2n", 1], true),
  binary("Pow", ["2n", 3], [3], true),
  {
    name: "Add of an unknown batch and a known one",
    inputs: [
      ["2n", 3],
      [2, 1],
    ],
    build: (g, inputs) => g.node("Add", inputs),
  },
  {
    name: "Sum of three",
    inputs: [["2n", 3], [3], [1, 1]],
    build: (g, inputs) => g.node("Sum", inputs),
  },
  {
    name: "x·x",
    inputs: [["2n", 3]],
    build: (g, [x]) => g.node("Mul", [x!, x!]),
  },
  ...[2, 3, 0.5, -1, 0, 1].map(
    (exponent): GradientCase => ({
      name: `Pow with the exponent ${exponent}`,
      positive: true,
      inputs: [["2n", 3]],
      build: (g, [x]) => g.node("Pow", [x!, g.floats([exponent], [])]),
    }),
  ),
  {
    name: "Pow of negative numbers with integer exponents",
    inputs: [["2n", 3]],
    build: (g, [x]) => g.node("Pow", [x!, g.int64([2, 3, 0])]),
  },
  {
    name: "Clip to [-0.5, 0.75]",
    inputs: [["2n", 7]],
    build: (g, [x]) => g.node("Clip", [x!, g.floats([-0.5], []), g.floats([0.75], [])]),
  },
  {
    name: "Clip from above",
    inputs: [["2n", 7]],
    build: (g, [x]) => g.node("Clip", [x!, "", g.floats([0.5], [])]),
  },
  { name: "Clip without bounds", inputs: [["2n", 7]], build: (g, [x]) => g.node("Clip", [x!]) },
  {
    name: "Where",
    inputs: [["2n", 3], [3]],
    build: (g, [x, y]) => g.node("Where", [g.bools([1, 0, 1, 0, 0, 1], [2, 3]), x!, y!]),
  },
  {
    name: "Where by comparison",
    inputs: [["2n", 4], [4]],
    build: (g, [x, y]) => g.node("Where", [g.node("Greater", [x!, y!]), g.node("Exp", [x!]), y!]),
  },
  {
    name: "Floor beside something differentiable",
    inputs: [["2n", 4]],
    build: (g, [x]) => g.node("Add", [g.node("Floor", [x!]), g.node("Exp", [x!])]),
  },
];
