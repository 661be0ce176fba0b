import { tensor } from "@voxplain/core";
import { graphBuilder, modelOf } from "@voxplain/onnx-graph";
import {
  type DifferentiableModel,
  differentiableModel,
  gradCam,
  gradCamPlusPlus,
  hiResCam,
  layerCam,
} from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { cubicModel, linearModel, someInputs } from "./toy-models.ts";

const dims = [1, 2, 3];
const input = tensor("float32", [1, 1, 2, 3], Float32Array.of(1, -2, 3, 4, 5, -6));
const weights = [1, 1, -1, 2, 0, 3];

describe("class activation maps", () => {
  // The layer is the input itself; the gradient is the weights, whose mean is 1.
  it.each([
    ["Grad-CAM", gradCam, [1, -2, 3, 4, 5, -6]],
    ["HiResCAM", hiResCam, [1, -2, -3, 8, 0, -18]],
    ["LayerCAM", layerCam, [1, -2, 0, 8, 0, -18]],
    // Σ activations = 5: weight = 1/(2+5) + 1/7 + 2/12 + 3/17
    ["Grad-CAM++", gradCamPlusPlus, [1, -2, 3, 4, 5, -6].map((a) => a * (2 / 7 + 2 / 12 + 3 / 17))],
  ])("%s by hand, with and without ReLU", async (_name, method, expected) => {
    const model = linearModel(dims, weights);
    const { map } = await method({ relu: false })(model, input, 1);
    expect(map.dims).toEqual([1, 1, 2, 3]);
    expected.forEach((value, k) => {
      expect(map.data[k]).toBeCloseTo(value, 5);
    });
    const { map: kept } = await method()(model, input, 1);
    expected.forEach((value, k) => {
      expect(kept.data[k]).toBeCloseTo(Math.max(value, 0), 5);
    });
  });

  const withLayers = (layers: DifferentiableModel["layers"]): DifferentiableModel => ({
    ...cubicModel(dims),
    layers,
    gradient: async (batch) => {
      const flat = tensor("float32", [batch.dims[0]!, 6], batch.data);
      return { gradient: flat, values: flat, logits: tensor("float32", [1, 2], new Float32Array(2)) };
    },
  });
  const spatial = { name: "conv", operator: "Conv", dims: [4, 2, 3] };

  it("ask for a layer where none is known to have spatial axes", async () => {
    const model = withLayers([{ name: "pooled", operator: "GlobalAveragePool", dims: [4, 1, 1] }]);
    await expect(gradCam()(model, someInputs(1, dims), 1)).rejects.toThrow("say which layer to look at");
  });

  const attention = { name: "attention", operator: "Softmax", dims: [4, 7, 7] };

  it("ask for a layer in a network with attention, and name tokens before it", async () => {
    const names = ["embedded", "one token", "normalized", "after"];
    const [embedded, pooled, normalized, after] = names.map((name) => {
      return { name, operator: "Add", dims: name === "one token" ? [1, 5] : [7, 5] };
    });
    const model = withLayers([spatial, embedded!, pooled!, normalized!, attention, after!]);
    await expect(gradCam()(model, someInputs(1, dims), 1)).rejects.toThrow(
      /^this network has attention; say which layer to look at; .* are embedded, normalized$/,
    );
  });

  it("take a softmax over channels for no attention", async () => {
    const model = withLayers([spatial, { name: "segmentation", operator: "Softmax", dims: [3, 2, 3] }]);
    // The last layer with spatial axes is looked at; this model gives flat values for any.
    await expect(gradCam()(model, someInputs(1, dims), 1)).rejects.toThrow("the layer segmentation has");
  });

  it("see channels that come last by the proportions of the grid", async () => {
    const values = tensor("float32", [1, 2, 3, 2], Float32Array.of(1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0));
    const gradient = tensor("float32", [1, 2, 3, 2], new Float32Array(12).fill(1));
    const logits = tensor("float32", [1, 2], new Float32Array(2));
    const model: DifferentiableModel = {
      ...withLayers([spatial]),
      gradient: async () => ({ gradient, values, logits }),
    };
    const { map } = await gradCam({ layer: "windows" })(model, input, 1);
    expect(Array.from(map.data)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each([4, 6])(
    "see channels that come last by the graph, where a layer of %i of them has the lengths of a grid too",
    async (channels) => {
      const runtime = directRuntime();
      const mapOf = async (isLast: boolean) => {
        const graph = graphBuilder("network");
        const numbers = (...lengths: number[]) => {
          const values = Array.from({ length: lengths.reduce((a, b) => a * b, 1) }, (_, k) =>
            Math.sin(1.7 * k + 1),
          );
          return graph.constant(tensor("float32", lengths, Float32Array.from(values)));
        };
        const image = graph.input("x", "float32", ["batch", 3, 4, 4]);
        const front = graph.add("Relu", [graph.add("Conv", [image, numbers(channels, 3, 1, 1)])]);
        const last = isLast ? graph.add("Transpose", [front], { perm: [0, 2, 3, 1] }) : front;
        const active = graph.add("Relu", [last], {}, { outputs: ["active"] });
        const pooled = graph.add("ReduceMean", [active], { axes: isLast ? [1, 2] : [2, 3], keepdims: 0 });
        graph.add(
          "MatMul",
          [graph.add("Mul", [pooled, pooled]), numbers(channels, 2)],
          {},
          { outputs: ["logits"] },
        );
        graph.output("logits", "float32", ["batch", 2]);
        const network = {
          model: modelOf(graph.build()),
          input: "x",
          logits: "logits",
          inputDims: [3, 4, 4],
          classCount: 2,
        };
        const model = differentiableModel(network, runtime);
        const { map } = await gradCam({ relu: false })(model, someInputs(2, [3, 4, 4]), 1);
        await model.release();
        return map.data;
      };
      const [expected, found] = [await mapOf(false), await mapOf(true)];
      expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.01);
      for (const [k, value] of expected.entries()) expect(found[k]).toBeCloseTo(value, 6);
    },
  );

  it("place tokens on the grid of the patches, behind a class token", async () => {
    const tokens = tensor("float32", [1, 7, 1], Float32Array.of(100, 1, -2, 3, 4, 5, -6));
    const gradient = tensor("float32", [1, 7, 1], Float32Array.of(100, 1, 1, -1, 2, 0, 3));
    const model: DifferentiableModel = {
      ...withLayers([spatial, { name: "tokens", operator: "Add", dims: [7, 1] }, attention]),
      gradient: async () => ({
        gradient,
        values: tokens,
        logits: tensor("float32", [1, 2], new Float32Array(2)),
      }),
    };
    const { map } = await gradCam({ layer: "tokens", relu: false })(model, input, 1);
    expect(map.dims).toEqual([1, 1, 2, 3]);
    expect(Array.from(map.data)).toEqual([1, -2, 3, 4, 5, -6]);
  });

  it("name layers that would do instead of one without spatial axes", async () => {
    const model = withLayers([spatial]);
    await expect(gradCam({ layer: "flat" })(model, someInputs(1, dims), 1)).rejects.toThrow(
      "the layer flat has no spatial axes: expected [N, channels, and 2 spatial axes], found [1, 6]; such layers are conv",
    );
  });
});
