import { graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { expect, it } from "vitest";
import { lower } from "../src/index.ts";
import { gradientOf } from "./gradient-of.ts";

it("the gradient of a chain of 20 000 nodes is rewritten for a runtime in seconds", () => {
  const graph = graphBuilder("chain");
  let value = graph.input("x", "float32", ["batch", 1, 9, 8]);
  for (let k = 0; k < 20_000; k++) value = graph.add("Relu", [value]);
  graph.output(value, "float32", undefined);
  const gradient = gradientOf(modelOf(graph.build()));
  const before = process.cpuUsage();
  const lowered = lower(gradient, { poolingGradient: "indices", convolution3d: "blocked" });
  const { user, system } = process.cpuUsage(before);
  expect(lowered.graph.nodes.length).toBeGreaterThan(40_000);
  expect((user + system) / 1e6).toBeLessThan(10);
});
