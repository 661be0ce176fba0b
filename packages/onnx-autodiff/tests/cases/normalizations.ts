import type { AttributeValue, OperatorName } from "@voxplain/onnx-graph";
import type { GradientCase } from "./case.ts";

type Attributes = Readonly<Record<string, AttributeValue>>;
type Dims = readonly (number | "2n")[];

/** An operator whose further inputs are scales and shifts, of which gradients are taken, too. */
function normalization(
  opType: OperatorName,
  dims: Dims,
  parameters: readonly (readonly number[])[],
  attributes: Attributes = {},
  opset = 17,
): GradientCase {
  return {
    name: `${opType} of [${dims.join(", ")}] ${JSON.stringify(attributes)}, operator set ${opset}, ${parameters.length} parameters`,
    opset,
    inputs: [dims, ...parameters],
    build: (g, inputs) => g.node(opType, inputs, attributes),
  };
}

/** Only some outputs of a LayerNormalization are used. */
function statistics(used: readonly number[]): GradientCase {
  return {
    name: `LayerNormalization, of which the outputs ${used.join(" and ")} are used`,
    inputs: [["2n", 3, 4], [4]],
    build: (g, inputs) => {
      const outputs = g.nodes("LayerNormalization", inputs, 3, { epsilon: 0.25 });
      return used.map((k) => outputs[k]!).reduce((a, b) => g.node("Mul", [a, b]));
    },
  };
}

export const furtherNormalizationCases: readonly GradientCase[] = [
  normalization("LayerNormalization", ["2n", 3, 5], [[5], [5]]),
  normalization("LayerNormalization", ["2n", 3, 5], [[5]], { epsilon: 0.25 }),
  normalization("LayerNormalization", ["2n", 3, 2, 4], [[3, 2, 4], [4]], { axis: 1 }),
  normalization(
    "LayerNormalization",
    ["2n", 2, 3, 4],
    [
      [1, 4],
      [3, 1],
    ],
    { axis: -2 },
  ),
  statistics([1]),
  statistics([2]),
  statistics([0, 1]),
  statistics([1, 2]),
  statistics([0, 1, 2]),
  normalization("GroupNormalization", ["2n", 4, 3, 5], [[2], [2]], { num_groups: 2 }, 18),
  normalization("GroupNormalization", ["2n", 6, 2, 3, 2], [[3], [3]], { num_groups: 3, epsilon: 0.25 }, 20),
  normalization("GroupNormalization", ["2n", 4, 3, 5], [[4], [4]], { num_groups: 2 }, 21),
  normalization("GroupNormalization", ["2n", 6, 2, 3, 2], [[6], [6]], { num_groups: 3, epsilon: 0.25 }, 21),
  normalization("GroupNormalization", ["2n", 3, 7], [[3], [3]], { num_groups: 1 }, 21),
  normalization("InstanceNormalization", ["2n", 3, 4, 5], [[3], [3]], { epsilon: 0.125 }),
  normalization("MeanVarianceNormalization", ["2n", 3, 2, 4], []),
  normalization("MeanVarianceNormalization", ["2n", 3, 2, 4], [], { axes: [2, 3] }),
  normalization("MeanVarianceNormalization", ["2n", 3, 2, 4, 3], [], { axes: [0, 2, 3, 4] }),
  ...[1, 2].flatMap((p) => [
    normalization("LpNormalization", ["2n", 3, 5], [], { p }),
    normalization("LpNormalization", ["2n", 3, 2, 4], [], { p, axis: 1 }),
  ]),
  ...[1, 3, 7].map((size) =>
    normalization("LRN", ["2n", 5, 2, 3], [], {
      size,
      alpha: 0.5,
      beta: { float: 0.75 },
      bias: { float: 2 },
    }),
  ),
  {
    name: "BatchNormalization with a scale and shift that are computed",
    inputs: [["2n", 3, 4, 2], [3], [3]],
    build: (g, inputs) =>
      g.node("BatchNormalization", [...inputs, g.weight([3]), g.weight([3], "positive")], { epsilon: 0.25 }),
  },
];

/** ONNX Runtime knows LRN only in 2D, of an odd number of channels. */
export const volumeResponseCases: readonly GradientCase[] = [
  normalization("LRN", ["2n", 5, 2, 3], [], { size: 4, alpha: 0.5 }),
  normalization("LRN", ["2n", 5, 2, 3, 2], [], { size: 3, alpha: 0.5 }),
  normalization("LRN", ["2n", 4, 7], [], { size: 2, alpha: 0.5 }),
  normalization("LRN", ["2n", 4], [], { size: 3, alpha: 0.5 }),
];
