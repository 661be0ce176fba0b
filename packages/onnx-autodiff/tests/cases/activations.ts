import type { AttributeValue, OperatorName } from "@voxplain/onnx-graph";
import type { GradientCase } from "./case.ts";

type Attributes = Readonly<Record<string, AttributeValue>>;

function activation(opType: OperatorName, attributes: Attributes = {}, opset = 17): GradientCase {
  const settings = Object.keys(attributes).length === 0 ? "" : ` ${JSON.stringify(attributes)}`;
  return {
    name: `${opType}${settings}`,
    opset,
    inputs: [["2n", 3, 5]],
    build: (g, [x]) => g.node(opType, [x!], attributes),
  };
}

function parametricRelu(dims: readonly (number | "2n")[], slope: readonly number[]): GradientCase {
  return {
    name: `PRelu of [${dims.join(", ")}] with slopes of [${slope.join(", ")}]`,
    inputs: [dims, slope],
    build: (g, inputs) => g.node("PRelu", inputs),
  };
}

export const activationCases: readonly GradientCase[] = [
  parametricRelu(["2n", 3, 4, 5], [3, 1, 1]),
  parametricRelu(["2n", 3, 2, 4, 5], [1]),
  parametricRelu(["2n", 3], [1, 3]),
  activation("Selu"),
  activation("Selu", { alpha: 0.5, gamma: { float: 2 } }),
  activation("Celu"),
  activation("Celu", { alpha: 0.5 }),
  activation("ThresholdedRelu"),
  activation("ThresholdedRelu", { alpha: -0.25 }),
  activation("Shrink"),
  activation("Shrink", { lambd: 0.25, bias: 0.125 }),
  activation("HardSigmoid"),
  activation("HardSigmoid", { alpha: 0.75, beta: 0.25 }),
  activation("HardSwish"),
  activation("Softsign"),
  activation("Mish", {}, 18),
  activation("Gelu", {}, 20),
  activation("Gelu", { approximate: "tanh" }, 20),
  {
    name: "HardSwish and HardSigmoid beyond their bounds",
    inputs: [["2n", 3, 5]],
    build: (g, [x]) => {
      const wide = g.node("Mul", [x!, g.floats([4], [])]);
      return g.node("Mul", [g.node("HardSwish", [wide]), g.node("HardSigmoid", [wide])]);
    },
  },
  {
    name: "Clip to bounds that are computed",
    inputs: [["2n", 7], [], []],
    build: (g, [x, low, high]) => {
      const bounds = [g.node("Neg", [g.node("Abs", [low!])]), g.node("Abs", [high!])];
      return g.node("Clip", [x!, ...bounds]);
    },
  },
  {
    name: "Clip to a lower bound above the upper one",
    inputs: [["2n", 7], [], []],
    build: (g, [x, low, high]) => {
      const bounds = [g.node("Abs", [low!]), g.node("Neg", [g.node("Abs", [high!])])];
      return g.node("Clip", [x!, ...bounds]);
    },
  },
  {
    name: "Clip from below by a bound that is computed",
    inputs: [["2n", 7], []],
    build: (g, [x, low]) => g.node("Clip", [x!, low!]),
  },
];
