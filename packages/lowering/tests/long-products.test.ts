import { tensor } from "@voxplain/core";
import { graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { normals, uniform } from "../../../tests/random.ts";
import { longProducts } from "../src/long-products.ts";
import { runModel } from "./run-model.ts";

const inputs = 32_256;
const outputs = 20;
const batch = 1;
const weights = Float32Array.from(normals(uniform(1), inputs * outputs));
const bias = Float32Array.from(normals(uniform(2), outputs));
/** As after a ReLU. */
const values = Float32Array.from(normals(uniform(3), batch * inputs), Math.abs);

function linearLayer(attributes: Readonly<Record<string, number>> = { transB: 1 }): Model {
  const graph = graphBuilder("linear");
  const x = graph.input("x", "float32", ["batch", inputs]);
  const weight = graph.initializer("weight", tensor("float32", [outputs, inputs], weights));
  const shift = graph.initializer("bias", tensor("float32", [outputs], bias));
  graph.add("Gemm", [x, weight, shift], attributes, { outputs: ["y"] });
  graph.output("y", "float32", ["batch", outputs]);
  return modelOf(graph.build());
}

/** Relative L2 distance of the outputs from float64. */
async function errorOf(model: Model): Promise<number> {
  const { y } = await runModel(model, { x: tensor("float32", [batch, inputs], values) });
  expect(y?.dims).toEqual([batch, outputs]);
  let away = 0;
  let norm = 0;
  for (let row = 0; row < batch; row++) {
    for (let k = 0; k < outputs; k++) {
      let exact = bias[k]!;
      for (let j = 0; j < inputs; j++) exact += values[row * inputs + j]! * weights[k * inputs + j]!;
      away += (Number(y!.data[row * outputs + k]) - exact) ** 2;
      norm += exact ** 2;
    }
  }
  return Math.sqrt(away / norm);
}

describe("a linear layer of 32,256 inputs", () => {
  it("is summed in parts, each as short as PyTorch's", async () => {
    const layer = linearLayer();
    const [inOneRow, inParts] = [await errorOf(layer), await errorOf(longProducts(layer))];
    expect(inOneRow).toBeGreaterThan(6e-7);
    // PyTorch's float32: 3.9e-7.
    expect(inParts).toBeLessThan(3.9e-7);
  });

  it("keeps its weights as they are", () => {
    const layer = linearLayer();
    const { initializers } = longProducts(layer).graph;
    expect(initializers.get("weight")).toBe(layer.graph.initializers.get("weight"));
  });

  it("stays whole where it scales its products", () => {
    const layer = linearLayer({ transB: 1, alpha: 0.5 });
    expect(longProducts(layer)).toBe(layer);
  });
});
