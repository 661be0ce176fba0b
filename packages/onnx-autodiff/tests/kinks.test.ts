import { tensor } from "@voxplain/core";
import { type GraphBuilder, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { differentiate } from "../src/index.ts";
import { runOnnx } from "./run-onnx.ts";

const x = tensor("float32", [4], Float32Array.of(0, -4, 1, 4));
const cotangent = tensor("float32", [4], Float32Array.of(1, 2, 3, 4));

async function gradientOf(body: (graph: GraphBuilder, input: string) => string): Promise<number[]> {
  const graph = graphBuilder("kink");
  graph.output(body(graph, graph.input("x", "float32", [4])), "float32", [4]);
  const built = graph.build();
  const output = built.outputs[0]!.name;
  const found = differentiate(modelOf(built), { output, withRespectTo: ["x"] });
  const results = await runOnnx(found.model, { x, [found.cotangent]: cotangent });
  return Array.from(results[found.gradients.x!]!.data, Number);
}

/** Gradients of PyTorch 1.13 at x = 0, −4, 1, 4 with the cotangent 1, 2, 3, 4. */
describe("at 0, where a slope is infinite, the gradient is PyTorch's", () => {
  it.each<[string, (graph: GraphBuilder, input: string) => string, number[]]>([
    ["√|x|", (g, input) => g.add("Sqrt", [g.add("Abs", [input])]), [Number.NaN, -0.5, 1.5, 1]],
    [
      "|x|^0.5",
      (g, input) => g.add("Pow", [g.add("Abs", [input]), g.scalar(0.5)]),
      [Number.NaN, -0.5, 1.5, 1],
    ],
    ["√(x·x)", (g, input) => g.add("Sqrt", [g.add("Mul", [input, input])]), [Number.NaN, -2, 3, 4]],
    ["√ReLU(x)", (g, input) => g.add("Sqrt", [g.add("Relu", [input])]), [0, 0, 1.5, 1]],
  ])("%s", async (_, body, expected) => {
    const gradient = await gradientOf(body);
    for (const [k, value] of expected.entries()) {
      if (Number.isNaN(value)) expect(gradient[k]).toBeNaN();
      else expect(gradient[k]).toBeCloseTo(value, 5);
    }
  });
});
