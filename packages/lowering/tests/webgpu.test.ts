import { tensor } from "@voxplain/core";
import { graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { blockNetwork, distance, feedsOf } from "../../../tests/block-networks.ts";
import { lower } from "../src/lower.ts";
import { lowerForWebgpu } from "../src/webgpu.ts";
import { gradientOf } from "./gradient-of.ts";
import { runModel } from "./run-model.ts";

/** Nodes that need the positions of the maxima. */
const needIndices = ({ graph }: Model) =>
  graph.nodes.filter(
    ({ opType, outputs }) => opType === "MaxUnpool" || (opType === "MaxPool" && outputs.length > 1),
  );

describe.each([
  { image: [13, 10, 9], batch: 1 },
  { image: [11, 9, 8], batch: "batch" },
  { image: [13, 11], batch: "batch" },
])("a network on images of $image, batch $batch, lowered for WebGPU", ({ image, batch }) => {
  const gradient = gradientOf(blockNetwork({ image, channels: [1, 8, 16, 8], batch }));
  const feeds = feedsOf(image, batch === 1 ? 1 : 2);

  it.each([
    ["whole", { wholeBytes: 2 ** 30, slabBytes: 2 ** 30 }],
    ["in slabs", { wholeBytes: 0, slabBytes: 0 }],
  ])("has the same logits and gradient, %s, though half of each image is ties", async (_, slabs) => {
    const lowered = lowerForWebgpu(gradient, slabs);
    expect(needIndices(lowered)).toEqual([]);
    const [found, expected] = [await runModel(lowered, feeds), await runModel(gradient, feeds)];
    // Roundings of float32 in another order; a moved maximum gives 1e-3 and more.
    expect(distance(found.logits, expected.logits)).toBeLessThan(1e-6);
    expect(distance(found["gradient:x"], expected["gradient:x"])).toBeLessThan(1e-6);
  });
});

it("Sign, which WebGPU does not have, is expressed in other operators", async () => {
  const graph = graphBuilder("sign");
  const x = graph.input("x", "float32", [5]);
  graph.output(graph.add("Sign", [x], {}, { outputs: ["y"] }), "float32", [5]);
  const lowered = lowerForWebgpu(modelOf(graph.build()));
  expect(lowered.graph.nodes.map(({ opType }) => opType)).not.toContain("Sign");
  const { y } = await runModel(lowered, { x: tensor("float32", [5], Float32Array.of(-3, -0, 0, 1e-30, 7)) });
  expect(Array.from(y!.data, Number).map((value) => value + 0)).toEqual([-1, 0, 0, 1, 1]);
});

it("lower expresses poolings by windows for runtimes that want it", () => {
  const gradient = gradientOf(blockNetwork({ image: [9, 8, 7], channels: [1, 4], batch: 1 }));
  expect(needIndices(gradient)).toHaveLength(2);
  expect(needIndices(lower(gradient, { poolingGradient: "windows", convolution3d: "direct" }))).toEqual([]);
});
