import { tensor } from "@voxplain/core";
import { graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { normals, uniform } from "../../../tests/random.ts";
import { doubleProducts } from "../src/double-products.ts";
import { runModel } from "./run-model.ts";

const inputs = 864;
const outputs = 40;
const batch = 2;
const bias = Float32Array.from(normals(uniform(2), outputs));
const values = Float32Array.from(normals(uniform(3), batch * inputs));
/** For each output, the products of two successive inputs nearly cancel. */
const weights = new Float32Array(inputs * outputs);
for (const [k, noise] of normals(uniform(1), weights.length).entries()) {
  const input = k % inputs;
  const row = Math.floor(k / inputs);
  const pair = input % 2 === 0 ? 1e3 / values[input]! : -1e3 / values[input]!;
  weights[k] = row % 2 === 0 ? pair + noise : noise;
}

function linearLayer(attributes: Readonly<Record<string, number>> = { transB: 1 }, withBias = true): Model {
  const graph = graphBuilder("linear");
  const x = graph.input("x", "float32", ["batch", inputs]);
  const weight = graph.initializer("weight", tensor("float32", [outputs, inputs], weights));
  const shift = withBias ? [graph.initializer("bias", tensor("float32", [outputs], bias))] : [];
  graph.add("Gemm", [x, weight, ...shift], attributes, { outputs: ["y"] });
  graph.output("y", "float32", ["batch", outputs]);
  return modelOf(graph.build());
}

/** The largest distance of an output from float64, in units in the last place of float32. */
async function errorOf(model: Model, withBias = true): Promise<number> {
  const { y } = await runModel(model, { x: tensor("float32", [batch, inputs], values) });
  expect(y).toMatchObject({ dtype: "float32", dims: [batch, outputs] });
  let most = 0;
  for (let row = 0; row < batch; row++) {
    for (let k = 0; k < outputs; k++) {
      let exact = withBias ? bias[k]! : 0;
      for (let j = 0; j < inputs; j++) exact += values[row * inputs + j]! * weights[k * inputs + j]!;
      most = Math.max(most, Math.abs(Number(y?.data[row * outputs + k]) - exact) / Math.abs(exact));
    }
  }
  return most / 2 ** -24;
}

describe("a small linear layer whose products cancel", () => {
  it("gives what float64 gives, rounded once", async () => {
    const layer = linearLayer();
    expect(await errorOf(layer)).toBeGreaterThan(50);
    expect(await errorOf(doubleProducts(layer))).toBeLessThan(1.01);
  });

  it("may have no bias", async () => {
    expect(await errorOf(doubleProducts(linearLayer({ transB: 1 }, false)), false)).toBeLessThan(1.01);
  });

  it("keeps its weights as they are in the file", () => {
    const layer = linearLayer();
    expect(doubleProducts(layer).graph.initializers.get("weight")).toBe(
      layer.graph.initializers.get("weight"),
    );
  });

  it("stays in float32 where it scales its products", () => {
    const layer = linearLayer({ transB: 1, alpha: 0.5 });
    expect(doubleProducts(layer)).toBe(layer);
  });
});

it("leaves a layer in float32 that sees many rows of an image, such as its tokens", () => {
  const graph = graphBuilder("tokens");
  const x = graph.input("x", "float32", [1, 4096, 8]);
  const rows = graph.add("Reshape", [x, graph.int64([4096, 8])]);
  const weight = graph.initializer("weight", tensor("float32", [4, 8], new Float32Array(32)));
  graph.add("Gemm", [rows, weight], { transB: 1 }, { outputs: ["y"] });
  graph.output("y", "float32", [4096, 4]);
  const model = modelOf(graph.build());
  expect(doubleProducts(model)).toBe(model);
});

it("leaves a linear layer of more than a million weights in float32", () => {
  const graph = graphBuilder("large");
  const x = graph.input("x", "float32", ["batch", 1100]);
  const weight = graph.initializer("weight", tensor("float32", [1000, 1100], new Float32Array(1_100_000)));
  graph.add("Gemm", [x, weight], { transB: 1 }, { outputs: ["y"] });
  graph.output("y", "float32", ["batch", 1000]);
  const model = modelOf(graph.build());
  expect(doubleProducts(model)).toBe(model);
});
