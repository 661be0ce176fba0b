import { tensor } from "@voxplain/core";
import { gradientRules, unary } from "@voxplain/onnx-autodiff";
import { type Dim, graphBuilder, modelOf, type Network } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";
import { differentiableModel, type Propagation } from "@voxplain/saliency";
import { afterAll, describe, expect, it } from "vitest";
import { countingRuntime } from "./counting-runtime.ts";

/** hidden = relu(x − 1), logits = hidden · [[1, 10], [2, 20], [3, 30]]. */
function network(batch: Dim = "batch"): Network {
  const graph = graphBuilder("network");
  const x = graph.input("x", "float32", [batch, 3]);
  const shifted = graph.add("Sub", [x, graph.scalar(1)], {}, { outputs: ["shifted"] });
  const hidden = graph.add("Relu", [shifted], {}, { outputs: ["hidden"] });
  const weights = graph.constant(tensor("float32", [3, 2], Float32Array.of(1, 10, 2, 20, 3, 30)));
  graph.add("Shape", [hidden], {}, { outputs: ["shape"] });
  graph.output(graph.add("MatMul", [hidden, weights], {}, { outputs: ["logits"] }), "float32", [batch, 2]);
  return { model: modelOf(graph.build()), input: "x", logits: "logits", inputDims: [3], classCount: 2 };
}

const input = tensor("float32", [2, 3], Float32Array.of(0, 2, 3, 4, 0, 5));
const model = differentiableModel(network(), nodeRuntime({ executionProvider: "cpu" }));
afterAll(() => model.release());

describe("differentiableModel", () => {
  it("lists the values between input and logits with their shapes", () => {
    expect(model.layers).toEqual([
      { name: "shifted", operator: "Sub", dims: [3], channelAxis: 1 },
      { name: "hidden", operator: "Relu", dims: [3], channelAxis: 1 },
    ]);
  });

  it("gives the gradient at the input, and the same logits as forward", async () => {
    const { gradient, logits, values } = await model.gradient(input, 1);
    expect([...gradient.data]).toEqual([0, 20, 30, 10, 0, 30]);
    expect([...logits.data]).toEqual([8, 80, 15, 150]);
    expect((await model.forward(input)).data).toEqual(logits.data);
    expect(values).toBe(input);
  });

  it("gives logits by the session of the gradient, and opens no other one for them", async () => {
    const runtime = countingRuntime(nodeRuntime({ executionProvider: "cpu" }));
    const counted = differentiableModel(network(), runtime);
    const { logits } = await counted.gradient(input, 1);
    expect(await counted.forward(input, { inGradient: true })).toEqual(logits);
    expect(runtime.counts.open).toBe(1);
    await counted.release();
  });

  it("gives the gradient at a layer, and the layer's values", async () => {
    const { gradient, values } = await model.gradient(input, 0, { layer: "hidden" });
    expect([...gradient.data]).toEqual([1, 2, 3, 1, 2, 3]);
    expect([...values.data]).toEqual([0, 1, 2, 3, 0, 4]);
  });

  it("gives a batch to a network that was exported for one input", async () => {
    const single = differentiableModel(network(1), nodeRuntime({ executionProvider: "cpu" }));
    expect(await single.forward(input)).toEqual(await model.forward(input));
    expect(await single.gradient(input, 1)).toEqual(await model.gradient(input, 1));
    const layer = { layer: "hidden" };
    expect(await single.gradient(input, 0, layer)).toEqual(await model.gradient(input, 0, layer));
    await single.release();
  });

  it("gives two inputs to a network that was exported for three", async () => {
    const triple = differentiableModel(network(3), nodeRuntime({ executionProvider: "cpu" }));
    expect(await triple.gradient(input, 1)).toEqual(await model.gradient(input, 1));
    await triple.release();
  });

  it("lets other rules flow back, through a network that was rewritten for them", async () => {
    let prepared = 0;
    const doubled: Propagation = {
      rules: { ...gradientRules, Relu: unary((g, dy) => g.emit("Add", [dy, dy])) },
      prepare: (original) => {
        prepared++;
        return original;
      },
    };
    const { gradient } = await model.gradient(input, 0, { propagation: doubled });
    await model.gradient(input, 1, { propagation: doubled });
    expect([...gradient.data]).toEqual([2, 4, 6, 2, 4, 6]);
    expect(prepared).toBe(1);
  });

  it("names a layer in which the images are parts of another axis than the first, or several rows of it", async () => {
    const graph = graphBuilder("windows");
    const x = graph.input("x", "float32", ["n", 4]);
    graph.add("Reshape", [x, graph.int64([-1, 2])], {}, { outputs: ["windows"] });
    const squared = graph.add("Mul", ["windows", "windows"]);
    graph.add("Reshape", [squared, graph.int64([-1, 4])], {}, { outputs: ["logits"] });
    graph.output("logits", "float32", ["n", 4]);
    const windows = differentiableModel(
      { model: modelOf(graph.build()), input: "x", logits: "logits", inputDims: [4], classCount: 4 },
      nodeRuntime({ executionProvider: "cpu" }),
    );
    const images = tensor("float32", [2, 4], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    await expect(windows.gradient(images, 0, { layer: "windows" })).rejects.toThrow(
      "the first axis of the layer windows is not the batch: expected [2, …], found [4, 2]",
    );
    await windows.release();
  });

  it("names a target class that the network does not have", async () => {
    await expect(model.gradient(input, 2)).rejects.toThrow(
      "the target class 2 does not exist: expected one of the classes 0 to 1",
    );
  });

  it("names a layer that the network does not have", async () => {
    await expect(model.gradient(input, 0, { layer: "hiden" })).rejects.toThrow(
      'the network has no layer "hiden": found shifted, hidden',
    );
  });
});

describe("on a runtime whose sessions copy the weights", () => {
  it("keeps one session open, which predicts too once a gradient was taken", async () => {
    const { counts, ...runtime } = countingRuntime(nodeRuntime({ executionProvider: "cpu" }));
    const sparing = differentiableModel(network(), { ...runtime, copiesWeights: true });
    expect((await sparing.forward(input)).data).toEqual((await model.forward(input)).data);
    expect(await sparing.gradient(input, 1)).toEqual(await model.gradient(input, 1));
    expect(counts.open).toBe(1);
    expect((await sparing.forward(input)).data).toEqual((await model.forward(input)).data);
    expect(counts.open).toBe(1);
    await sparing.open?.("forward");
    expect(counts.open).toBe(1);
    await sparing.release();
    expect(counts.open).toBe(0);
  });

  it("keeps both open elsewhere", async () => {
    const { counts, ...runtime } = countingRuntime(nodeRuntime({ executionProvider: "cpu" }));
    const plain = differentiableModel(network(), runtime);
    await plain.forward(input);
    await plain.gradient(input, 1);
    expect(counts.open).toBe(2);
    await plain.release();
  });
});
