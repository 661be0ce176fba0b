import { describe, expect, it } from "vitest";
import { gradientRules, none } from "../src/index.ts";
import { buildCase } from "./cases/case.ts";
import { gradientCases, unexecutedCases } from "./cases/index.ts";
import { directionalDerivative } from "./finite-differences.ts";

// Differences of fourth order with h = 1e-4 in float64: 1e-12 of rounding, times a few hundred terms.
const tolerance = 1e-9;

describe("the gradient is the derivative of the forward graph", () => {
  it.each([...gradientCases, ...unexecutedCases])("$name", (gradientCase) => {
    const { model, inputs } = buildCase(gradientCase, "float64");
    for (const [input, x] of Object.entries(inputs)) {
      for (const seed of [1, 2]) {
        const found = directionalDerivative(model, inputs, input, seed);
        expect(found.gradient.dims).toEqual(x.dims);
        const error = Math.abs(found.byGradient - found.byDifferences);
        expect(error).toBeLessThanOrEqual(tolerance * Math.max(1, found.scale));
      }
    }
  });
});

it("every rule has a case", () => {
  const used = new Set(
    gradientCases.flatMap((each) => buildCase(each, "float64").model.graph.nodes.map(({ opType }) => opType)),
  );
  const proven = Object.entries(gradientRules).flatMap(([opType, rule]) => (rule === none ? [] : [opType]));
  // Casts between types that the interpreter does not distinguish: see the tests with ONNX Runtime.
  expect(proven.filter((opType) => !used.has(opType))).toEqual(["Cast", "CastLike"]);
});
