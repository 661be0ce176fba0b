import { tensor } from "@voxplain/core";
import { type GraphBuilder, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { expect, it } from "vitest";
import { differentiate } from "../src/index.ts";

function secondsOf(compute: () => void): number {
  const before = process.cpuUsage();
  compute();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function modelFrom(build: (graph: GraphBuilder) => string) {
  const graph = graphBuilder("net");
  graph.input("x", "float32", ["batch", 1, 9, 8]);
  graph.output(build(graph), "float32", undefined);
  return modelOf(graph.build());
}

it("a flipped bit that pads by billions is refused by name before anything is written out", () => {
  const model = modelFrom((graph) => {
    const pads = tensor("int64", [8], BigInt64Array.of(0n, 0n, 4_278_190_080n, 0n, 0n, 0n, 0n, 0n));
    const padded = graph.add("Pad", ["x", graph.constant(pads)], {}, { name: "pad" });
    return graph.add("AveragePool", [padded], { kernel_shape: [2, 2] }, { name: "pool" });
  });
  const seconds = secondsOf(() => {
    expect(() => differentiate(model)).toThrow(
      /AveragePool "pool" is not supported: an axis of .* is 4278190089 long/,
    );
  });
  expect(seconds).toBeLessThan(2);
});

it("a chain of 20 000 nodes is differentiated in seconds", () => {
  const model = modelFrom((graph) => {
    let value = "x";
    for (let k = 0; k < 20_000; k++) value = graph.add("Relu", [value]);
    return value;
  });
  const seconds = secondsOf(() => {
    const { graph } = differentiate(model).model;
    expect(graph.nodes.length).toBeGreaterThan(40_000);
  });
  expect(seconds).toBeLessThan(10);
});
