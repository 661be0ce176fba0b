import { tensor } from "@voxplain/core";
import { graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { expect, it } from "vitest";
import { describeOnnx } from "../src/index.ts";

it("a layer that does not fit its inputs is refused, with the name of the file", () => {
  const graph = graphBuilder("network");
  const image = graph.input("image", "float32", ["n", 3]);
  const weights = graph.initializer("w", tensor("float32", [2, 2], new Float32Array(4)));
  graph.output(graph.add("MatMul", [image, weights]), "float32", ["n", 2]);
  const file = { name: "net.onnx", model: modelOf(graph.build()), opset: 17 };
  expect(() => describeOnnx(file)).toThrow(/^net\.onnx: MatMul .* does not fit its inputs/);
});

it("lists inputs and outputs with stored types, and as layers what is computed from the image alone", () => {
  const graph = graphBuilder("network");
  const image = graph.input("image", "float32", ["n", 1, null, 4]);
  const weights = graph.initializer("w", tensor("float32", [2, 1, 1, 1], Float32Array.of(1, 2)));
  const scaled = graph.add("Mul", [weights, weights], {}, { outputs: ["scaled"] });
  const features = graph.add("Conv", [image, scaled], {}, { outputs: ["features"] });
  const mean = graph.add("GlobalAveragePool", [features], {}, { outputs: ["mean"] });
  graph.output(graph.add("Flatten", [mean], {}, { outputs: ["logits"] }), "float32", ["n", 2]);
  const model = modelOf(graph.build());
  expect(
    describeOnnx({ name: "net.onnx", model, opset: 13, storedTypes: new Map([["image", "float16"]]) }),
  ).toEqual({
    name: "net.onnx",
    producer: "voxplain",
    opset: 13,
    operators: ["Conv", "Flatten", "GlobalAveragePool", "Mul"],
    inputs: [{ name: "image", dtype: "float16", dims: ["n", 1, null, 4] }],
    outputs: [{ name: "logits", dtype: "float32", dims: ["n", 2] }],
    layers: [
      { name: "features", operator: "Conv", dims: ["n", 2, null, 4] },
      { name: "mean", operator: "GlobalAveragePool", dims: ["n", 2, 1, 1] },
      { name: "logits", operator: "Flatten", dims: ["n", 2] },
    ],
  });
});
