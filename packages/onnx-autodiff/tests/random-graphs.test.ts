import { type NamedTensors, type Tensor, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { runOnnx } from "../../../tests/direct-runtime.ts";
import { normals, uniform } from "../../../tests/random.ts";
import { differentiate } from "../src/index.ts";
import { buildCase, type GradientCase } from "./cases/case.ts";
import { gradientCases } from "./cases/index.ts";
import { randomGraphs } from "./cases/random-graph.ts";
import { directionalDerivative } from "./finite-differences.ts";

const graphs = randomGraphs([1]);

it("graphs are drawn from every operator that has a case", () => {
  const used = (cases: readonly GradientCase[]) =>
    new Set(
      cases.flatMap((each) => buildCase(each, "float64").model.graph.nodes.map(({ opType }) => opType)),
    );
  expect(used(graphs)).toEqual(used(gradientCases));
});

describe("the gradient of a random graph is its derivative", () => {
  it.each(graphs)("$name", (graph) => {
    const { model, inputs } = buildCase(graph, "float64");
    const errorAt = (step: number) => {
      const found = directionalDerivative(model, inputs, "x", 1, step);
      return Math.abs(found.byGradient - found.byDifferences) / Math.max(0.1, found.scale);
    };
    // A kink within one step of the differences is out of reach of a smaller step. 1e-7: rounding
    // of 1e-16, in values that some operators have made a thousand times larger, by the smallest step.
    expect([1e-4, 1e-5, 1e-6].some((step) => errorAt(step) <= 1e-7)).toBe(true);
  });
});

describe("a differentiated graph gives the values of the original, to the bit", () => {
  const float32 = (dims: readonly number[], values: ArrayLike<number>): Tensor =>
    tensor("float32", dims, Float32Array.from(values));
  it.each(graphs)("$name", async (graph) => {
    const { model, inputs } = buildCase(graph, "float32");
    const { model: differentiated, cotangent } = differentiate(model, { output: "out" });
    const feeds: NamedTensors = { x: float32(inputs.x!.dims, inputs.x!.data) };
    const plain = await runOnnx(model, feeds);
    const found = await runOnnx(differentiated, {
      ...feeds,
      [cotangent]: float32([2], normals(uniform(3), 2)),
    });
    expect(found.out).toEqual(plain.out);
  });
});
