import { tensor } from "@voxplain/core";
import { type Dim, graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { normals, uniform } from "../../../tests/random.ts";
import { longGradients } from "../src/long-gradients.ts";
import { gradientOf } from "./gradient-of.ts";
import { runModel } from "./run-model.ts";

const inputs = 500;
const outputs = 1300;
const weights = Float32Array.from(normals(uniform(1), inputs * outputs));

function gradientOfLayer(batch: Dim = "batch", attributes: Readonly<Record<string, number>> = {}): Model {
  const graph = graphBuilder("linear");
  const x = graph.input("x", "float32", [batch, inputs]);
  const weight = graph.initializer("weight", tensor("float32", [outputs, inputs], weights));
  graph.add("Gemm", [x, weight], { transB: 1, ...attributes }, { outputs: ["y"] });
  graph.output("y", "float32", [batch, outputs]);
  return gradientOf(modelOf(graph.build()));
}

/** Relative L2 distance of the gradient from float64. */
async function errorOf(model: Model, rows: number): Promise<number> {
  const cotangent = Float32Array.from(normals(uniform(2), rows * outputs));
  const found = await runModel(model, {
    x: tensor("float32", [rows, inputs], new Float32Array(rows * inputs)),
    "cotangent:y": tensor("float32", [rows, outputs], cotangent),
  });
  const gradient = found["gradient:x"];
  expect(gradient?.dims).toEqual([rows, inputs]);
  let away = 0;
  let norm = 0;
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < inputs; j++) {
      let exact = 0;
      for (let k = 0; k < outputs; k++) exact += cotangent[row * outputs + k]! * weights[k * inputs + j]!;
      away += (Number(gradient!.data[row * inputs + j]) - exact) ** 2;
      norm += exact ** 2;
    }
  }
  return Math.sqrt(away / norm);
}

describe("the gradient of a linear layer of 1,300 outputs", () => {
  it("is summed in parts, which round less than one row", async () => {
    const gradient = gradientOfLayer();
    expect(await errorOf(gradient, 1)).toBeGreaterThan(2.5e-7);
    expect(await errorOf(longGradients(gradient), 1)).toBeLessThan(1.5e-7);
  });

  it("is that of each image of a batch", async () => {
    expect(await errorOf(longGradients(gradientOfLayer()), 3)).toBeLessThan(2.5e-7);
  });

  it("keeps its weights as they are", () => {
    const gradient = gradientOfLayer();
    const { initializers } = longGradients(gradient).graph;
    expect(initializers.get("weight")).toBe(gradient.graph.initializers.get("weight"));
  });

  it.each([
    ["the number of images is known: the shape of the weights would be a constant", gradientOfLayer(1)],
    ["the layer scales its products", gradientOfLayer("batch", { alpha: 0.5 })],
  ])("stays whole where %s", (_, gradient) => {
    expect(longGradients(gradient)).toBe(gradient);
  });
});
