import type { AttributeValue, OperatorName } from "@voxplain/onnx-graph";
import type { GradientCase } from "./case.ts";

type Attributes = Readonly<Record<string, AttributeValue>>;
type Dims = readonly (number | "2n")[];

const isPositive = (opType: OperatorName) => opType === "ReduceLogSum";

/** Axes as an attribute before operator set 18, and as an input since. */
function reduction(
  opType: OperatorName,
  dims: Dims,
  axes: readonly number[] | undefined,
  attributes: Attributes,
  opset: number,
): GradientCase {
  return {
    name: `${opType} of [${dims.join(", ")}] over [${axes ?? "all"}] ${JSON.stringify(attributes)}, operator set ${opset}`,
    opset,
    positive: isPositive(opType),
    inputs: [dims],
    build: (g, [x]) =>
      opset >= 18
        ? g.node(opType, axes === undefined ? [x!] : [x!, g.int64(axes)], attributes)
        : g.node(opType, [x!], { ...attributes, ...(axes && { axes }) }),
  };
}

/** The axes come from the graph's input: Shape of a value with as many axes as the first axis to reduce. */
function computedAxes(opType: OperatorName, keepdims: number): GradientCase {
  return {
    name: `${opType} over axes that are computed, keepdims ${keepdims}`,
    opset: 18,
    positive: isPositive(opType),
    inputs: [["2n", 3, 4]],
    build: (g, [x]) => {
      // The length of the batch is 2, and so is the axis.
      const axes = g.node("Shape", [x!], { start: 0, end: 1 });
      return g.node(opType, [x!, axes], { keepdims });
    },
  };
}

const reductions = (["Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"] as const).map(
  (name) => `Reduce${name}` as const,
);

export const allReductionCases: readonly GradientCase[] = [
  ...reductions.flatMap((opType) => [
    reduction(opType, ["2n", 3, 4, 5], [1, -1], {}, 17),
    reduction(opType, ["2n", 3, 2, 4], [2, 3], { keepdims: 0 }, 18),
    reduction(opType, ["2n", 5], undefined, {}, 18),
    reduction(opType, ["2n", 3], undefined, { keepdims: 0 }, 17),
    reduction(opType, ["2n", 3], [0], { keepdims: 0 }, 18),
  ]),
  ...(["ReduceSum", "ReduceMean", ...reductions] as const).flatMap((opType) => [
    computedAxes(opType, 0),
    computedAxes(opType, 1),
    reduction(opType, ["2n", 3], [], { noop_with_empty_axes: 1 }, 18),
    reduction(opType, ["2n", 3], undefined, { noop_with_empty_axes: 1, keepdims: 0 }, 18),
  ]),
];
