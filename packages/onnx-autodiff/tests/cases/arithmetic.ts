import type { OperatorName } from "@voxplain/onnx-graph";
import type { CaseGraph, GradientCase } from "./case.ts";

type Dims = readonly (number | "2n")[];

function variadic(opType: OperatorName, ...inputs: Dims[]): GradientCase {
  return {
    name: `${opType} of ${inputs.map((dims) => `[${dims.join(", ")}]`).join(", ")}`,
    inputs,
    build: (g, names) => g.node(opType, names),
  };
}

/** An operator of one input, after a function that leads into its domain. */
function within(
  opType: OperatorName,
  domain: (g: CaseGraph, x: string) => string,
  positive = false,
): GradientCase {
  return {
    name: opType,
    positive,
    inputs: [["2n", 3, 5]],
    build: (g, [x]) => g.node(opType, [domain(g, x!)]),
  };
}

const everywhere = (_: CaseGraph, x: string) => x;
const belowOne = (g: CaseGraph, x: string) => g.node("Tanh", [x]);
const aboveOne = (g: CaseGraph, x: string) => g.node("Add", [x, g.floats([1], [])]);

export const arithmeticCases: readonly GradientCase[] = [
  ...(["Max", "Min", "Mean"] as const).flatMap((opType) => [
    variadic(opType, ["2n", 3, 4], ["2n", 3, 4]),
    variadic(opType, ["2n", 3, 1], [4], [3, 1]),
    variadic(opType, ["2n", 3]),
  ]),
  ...(["Sin", "Cos", "Atan", "Sinh", "Cosh", "Asinh"] as const).map((opType) => within(opType, everywhere)),
  ...(["Tan", "Asin", "Acos", "Atanh"] as const).map((opType) => within(opType, belowOne)),
  within("Acosh", aboveOne, true),
  {
    name: "Mod of floating-point numbers",
    inputs: [["2n", 3, 5], [5]],
    build: (g, [x, y]) => {
      const divisor = g.node("Add", [g.node("Abs", [y!]), g.floats([0.5], [])]);
      return g.node("Mod", [g.node("Mul", [x!, g.floats([3], [])]), divisor], { fmod: 1 });
    },
  },
  {
    name: "Max that is used twice",
    inputs: [["2n", 4], [4]],
    build: (g, [x, y]) => g.node("Mul", [g.node("Max", [x!, y!, g.floats([0.25], [])]), g.node("Exp", [x!])]),
  },
  {
    name: "Max beside comparisons, signs and steps, which have no gradient",
    inputs: [["2n", 4], [4]],
    build: (g, [x, y]) =>
      g.node("Where", [g.node("LessOrEqual", [x!, y!]), g.node("Max", [x!, y!]), g.node("Ceil", [x!])]),
  },
];
