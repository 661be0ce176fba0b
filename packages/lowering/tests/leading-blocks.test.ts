import { tensor } from "@voxplain/core";
import { graphBuilder, inferShapes, type Model, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { blockNetwork } from "../../../tests/block-networks.ts";
import { leadingBlocks } from "../src/index.ts";
import { runModel } from "./run-model.ts";

const lengths = [9, 10, 7];
const twoBlocks = blockNetwork({ image: lengths, channels: [1, 8, 6], batch: "batch" });
const withGraph = (model: Model, change: Partial<Model["graph"]>): Model => ({
  ...model,
  graph: { ...model.graph, ...change },
});

describe("the leading blocks of a network", () => {
  it("are its convolutions with normalization, activation, zeros and pooling", async () => {
    const found = await leadingBlocks(twoBlocks, "x");
    expect(found?.inputDims).toEqual(lengths);
    expect(found?.cutDims).toEqual([6, 3, 3, 2]);
    const shapes = found?.blocks.map(({ weights, bias, slopes, ...shape }) => ({
      ...shape,
      sizes: [weights.length, bias.length, slopes?.length],
    }));
    const convolution = {
      kernel: [3, 3, 3],
      strides: [1, 1, 1],
      padsBefore: [1, 1, 1],
      padsAfter: [1, 1, 1],
    };
    const pooling = (zerosBefore: readonly number[]) => ({
      kind: "max",
      window: [2, 2, 2],
      strides: [2, 2, 2],
      zerosBefore,
      zerosAfter: [0, 0, 0],
      skippedBefore: [0, 0, 0],
      skippedAfter: [0, 0, 0],
      roundUp: false,
    });
    expect(shapes).toEqual([
      {
        ...convolution,
        inputChannels: 1,
        outputChannels: 8,
        pooling: pooling([1, 0, 1]),
        sizes: [216, 8, 8],
      },
      {
        ...convolution,
        inputChannels: 8,
        outputChannels: 6,
        pooling: pooling([1, 1, 0]),
        sizes: [1296, 6, 6],
      },
    ]);
  });

  it("leave a network that starts behind them", async () => {
    const found = await leadingBlocks(twoBlocks, "x");
    const { inputs, nodes, initializers } = found?.rest.graph ?? twoBlocks.graph;
    expect(inputs).toEqual([{ name: found?.cut, dtype: "float32", dims: ["batch", 6, 3, 3, 2] }]);
    expect(nodes.map(({ opType }) => opType)).toEqual(["Flatten", "Gemm"]);
    expect([...initializers.keys()]).toEqual(["linear", "offset"]);
    expect(inferShapes(found?.rest ?? twoBlocks).get("logits")?.dims).toEqual(["batch", 2]);
    const whole = withGraph(twoBlocks, {
      outputs: [
        ...twoBlocks.graph.outputs,
        { name: found?.cut ?? "", dtype: "float32", dims: ["batch", 6, 3, 3, 2] },
      ],
    });
    const x = tensor(
      "float32",
      [2, 1, ...lengths],
      new Float32Array(2 * 630).map((_, k) => Math.sin(k)),
    );
    const expected = await runModel(whole, { x });
    const cut = found?.cut ?? "";
    const got = await runModel(found?.rest ?? whole, { [cut]: expected[cut] ?? x });
    expect(got.logits?.data).toEqual(expected.logits?.data);
  });

  it("have the normalization in their weights, in float64", async () => {
    const found = await leadingBlocks(twoBlocks, "x");
    const value = (name: string, k: number) => {
      const initializer = twoBlocks.graph.initializers.get(name);
      return initializer && "data" in initializer ? Number(initializer.data[k]) : Number.NaN;
    };
    const factor = value("scale0", 3) / Math.sqrt(value("variance0", 3) + Math.fround(1e-5));
    expect(found?.blocks[0]?.weights[3 * 27 + 5]).toBeCloseTo(value("weight0", 3 * 27 + 5) * factor, 12);
    expect(found?.blocks[0]?.bias[3]).toBeCloseTo(
      (value("bias0", 3) - value("mean0", 3)) * factor + value("shift0", 3),
      12,
    );
  });

  it("end before a block that is not accepted", async () => {
    const found = await leadingBlocks(twoBlocks, "x", ({ inputChannels }, dims) => {
      expect(dims).toEqual(inputChannels === 1 ? lengths : [5, 5, 4]);
      return inputChannels === 1;
    });
    expect(found?.blocks.length).toBe(1);
    expect(await leadingBlocks(twoBlocks, "x", () => false)).toBeUndefined();
  });

  it("end behind the last block that may be the last", async () => {
    const found = await leadingBlocks(twoBlocks, "x", ({ inputChannels }) => inputChannels === 1 || "inside");
    expect(found?.blocks.length).toBe(1);
    expect(found?.cutDims).toEqual([8, 5, 5, 4]);
    expect(await leadingBlocks(twoBlocks, "x", () => "inside")).toBeUndefined();
    const both = await leadingBlocks(
      twoBlocks,
      "x",
      (_block, _dims, before) => before.length === 1 || "inside",
    );
    expect(both?.blocks.length).toBe(2);
  });

  it("end before a value that is an output of the graph", async () => {
    const [, , , , pooled] = twoBlocks.graph.nodes;
    const name = pooled?.outputs[0] ?? "";
    const outputs = [...twoBlocks.graph.outputs, { name, dtype: "float32" as const, dims: undefined }];
    expect(await leadingBlocks(withGraph(twoBlocks, { outputs }), "x")).toBeUndefined();
  });

  it("end at a value that is used twice", async () => {
    const graph = graphBuilder("skip");
    const x = graph.input("x", "float32", ["batch", 1, 6, 6]);
    const weight = graph.constant(tensor("float32", [2, 1, 3, 3], new Float32Array(18).fill(1)));
    const y = graph.add("Conv", [x, weight], { pads: [1, 1, 1, 1] });
    const z = graph.add("Add", [graph.add("Relu", [y]), y], {}, { outputs: ["sum"] });
    graph.output(z, "float32", ["batch", 2, 6, 6]);
    const found = await leadingBlocks(modelOf(graph.build()), "x");
    expect(found?.cut).toBe(y);
    expect(found?.blocks[0]?.slopes).toBeUndefined();
  });

  it.each([
    ["groups", { group: 2, pads: [1, 1, 1, 1] }],
    ["distant taps", { dilations: [2, 2], pads: [1, 1, 1, 1] }],
  ])("are none of convolutions with %s", async (_, attributes) => {
    const graph = graphBuilder("other");
    const x = graph.input("x", "float32", [1, 2, 6, 6]);
    const inputs = "group" in attributes ? 1 : 2;
    const weight = graph.constant(
      tensor("float32", [2, inputs, 3, 3], new Float32Array(18 * inputs).fill(1)),
    );
    graph.output(graph.add("Conv", [x, weight], attributes, { outputs: ["y"] }), "float32", undefined);
    expect(await leadingBlocks(modelOf(graph.build()), "x")).toBeUndefined();
  });
});
