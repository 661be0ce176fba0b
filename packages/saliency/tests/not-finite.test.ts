import { eager, tensor } from "@voxplain/core";
import { type GraphBuilder, graphBuilder, modelOf, type Network } from "@voxplain/onnx-graph";
import { differentiableModel, explain, gradients, occlusion } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";

const runtime = directRuntime();

/** Logits [batch, 2] of four numbers each, as `body` computes them. */
function network(body: (graph: GraphBuilder, x: string) => string): Network {
  const graph = graphBuilder("network");
  const x = graph.input("x", "float32", ["batch", 1, 2, 2]);
  const flat = graph.add("Flatten", [body(graph, x)], {}, { outputs: ["flat"] });
  const weights = graph.initializer("fc.weight", tensor("float32", [4, 2], new Float32Array(8).fill(1)));
  graph.output(graph.add("MatMul", [flat, weights], {}, { outputs: ["logits"] }), "float32", ["batch", 2]);
  return {
    model: modelOf(graph.build()),
    input: "x",
    logits: "logits",
    inputDims: [1, 2, 2],
    classCount: 2,
  };
}

const image = (...values: number[]) => tensor("float32", [1, 2, 2], Float32Array.from(values));
const ones = image(1, 1, 1, 1);

async function forward(of: Network, input = ones) {
  const model = differentiableModel(of, runtime);
  try {
    return (await model.forward({ ...input, dims: [1, ...input.dims] })).data;
  } finally {
    await model.release();
  }
}

const scaled = (values: readonly number[]) =>
  network((graph, x) =>
    graph.add("Mul", [x, graph.initializer("scale", tensor("float32", [2, 2], Float32Array.from(values)))]),
  );

function withVariance(variance: number): Network {
  return network((graph, x) => {
    const statistic = (name: string, value: number) =>
      graph.initializer(name, tensor("float32", [1], Float32Array.of(value)));
    const names = [statistic("bn.weight", 1), statistic("bn.bias", 0)];
    names.push(statistic("bn.running_mean", 0), statistic("bn.running_var", variance));
    return graph.add("BatchNormalization", [x, ...names]);
  });
}

describe("a network with a weight that is not finite", () => {
  it("is refused, naming the weight", async () => {
    await expect(forward(scaled([1, Number.NaN, 1, 1]))).rejects.toMatchObject({
      code: "not-finite",
      message: expect.stringContaining('the weight "scale" of the network holds 1 NaN value'),
    });
  });

  it("is refused where ONNX Runtime's max-pooling would hide the NaN", async () => {
    const pooled = network((graph, x) => {
      const scale = graph.initializer(
        "scale",
        tensor("float32", [2, 2], Float32Array.of(1, Number.NaN, 1, 1)),
      );
      const small = graph.add("MaxPool", [graph.add("Mul", [x, scale])], { kernel_shape: [2, 2] });
      return graph.add("Expand", [small, graph.int64([1, 1, 2, 2])]);
    });
    await expect(forward(pooled)).rejects.toThrow('the weight "scale"');
  });

  it("is refused while a weight is read piece by piece", async () => {
    const values = new Float32Array(8).fill(1);
    values[5] = Number.NEGATIVE_INFINITY;
    const whole = eager(tensor("float32", [4, 2], values));
    const bytes = new Uint8Array(values.buffer);
    const inPieces = {
      ...whole,
      async *chunks() {
        // The second piece begins inside a number.
        yield bytes.slice(0, 22);
        yield bytes.slice(22);
      },
    };
    const found = network((graph, x) => graph.add("Identity", [x]));
    const initializers = new Map([...found.model.graph.initializers, ["fc.weight", inPieces] as const]);
    const model = { ...found.model, graph: { ...found.model.graph, initializers } };
    await expect(forward({ ...found, model })).rejects.toThrow(
      'the weight "fc.weight" of the network holds 1 infinite value',
    );
  });

  it("is refused for a variance below 0, and not for one that ε makes up for", async () => {
    await expect(forward(withVariance(-0.5))).rejects.toThrow('the variance "bn.running_var"');
    expect([...(await forward(withVariance(-1e-6)))].every(Number.isFinite)).toBe(true);
  });
});

describe("an input that is not finite", () => {
  it("is refused, also where a network would swallow its NaN", async () => {
    await expect(
      forward(scaled([1, 1, 1, 1]), image(1, Number.NaN, 1, Number.POSITIVE_INFINITY)),
    ).rejects.toThrow("what the network is given holds 1 NaN and 1 infinite values among 4");
  });

  it("is taken by a network that replaces NaN itself", async () => {
    const replacing = network((graph, x) =>
      graph.add("Where", [graph.add("IsNaN", [x]), graph.scalar(0), x]),
    );
    expect([...(await forward(replacing, image(1, Number.NaN, 1, 1)))]).toEqual([3, 3]);
  });
});

describe("logits that are not finite", () => {
  it.each([
    ["overflow", "Exp", [1000, 1, 1, 1], 'the layer "inner" (Exp): its values exceed what float32 can hold'],
    ["a root", "Sqrt", [-1, 1, 1, 1], 'the layer "inner" (Sqrt): it takes the root of a negative number'],
    ["a logarithm", "Log", [-1, 1, 1, 1], 'the layer "inner" (Log): it takes the logarithm'],
    ["a division", "Reciprocal", [0, 1, 1, 1], 'the layer "inner" (Reciprocal): it divides by 0'],
  ] as const)("are refused with the layer at which they begin: %s", async (_, operator, values, message) => {
    const inner = network((graph, x) =>
      graph.add("Relu", [graph.add(operator, [x], {}, { outputs: ["inner"] })]),
    );
    await expect(forward(inner, image(...values))).rejects.toThrow(message);
  });

  it("are no fault of a mask of −∞, whose softmax is finite", async () => {
    const masked = network((graph, x) => {
      const mask = Float32Array.of(0, Number.NEGATIVE_INFINITY, 0, 0);
      const added = graph.add("Add", [x, graph.initializer("mask", tensor("float32", [2, 2], mask))]);
      return graph.add("Softmax", [added], { axis: 3 });
    });
    expect([...(await forward(masked))]).toEqual([2, 2]);
  });

  it("begin behind such a mask, and not at it, where something else breaks", async () => {
    const masked = network((graph, x) => {
      const mask = Float32Array.of(0, Number.NEGATIVE_INFINITY, 0, 0);
      const added = graph.add("Add", [x, graph.initializer("mask", tensor("float32", [2, 2], mask))]);
      const attention = graph.add("Softmax", [added], { axis: 3 });
      return graph.add(
        "Exp",
        [graph.add("Mul", [attention, graph.scalar(1000)])],
        {},
        { outputs: ["inner"] },
      );
    });
    await expect(forward(masked)).rejects.toThrow('they begin at the layer "inner" (Exp)');
  });
});

describe("explain", () => {
  const roots = network((graph, x) => graph.add("Sqrt", [x], {}, { outputs: ["root"] }));
  const items = [
    { name: "good", input: ones },
    { name: "bad", input: image(1, -1, 1, 1) },
    { name: "fine", input: image(4, 4, 4, 4) },
  ];

  it.each([1, 2, 3])("skips the one input that is not finite in batches of %d", async (batchSize) => {
    const model = differentiableModel(roots, runtime);
    const failed: string[] = [];
    const maps = new Map<string, number[]>();
    const onFailure = ({ name }: { name: string }, error: Error) => {
      failed.push(`${name} | ${error.message}`);
      return "skip" as const;
    };
    for await (const { item, map } of explain(model, items, {
      ...{ method: gradients, target: 0, batchSize, onFailure },
    })) {
      maps.set(item.name, [...map.data]);
    }
    await model.release();
    expect(maps).toEqual(
      new Map([
        ["good", Array(4).fill(0.5)],
        ["fine", Array(4).fill(0.25)],
      ]),
    );
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatch(
      /^bad \| bad: the network gives logits that are not finite \(NaN, NaN\); .*"root"/,
    );
  });

  it("says where an altered image is not finite, and the image itself is", async () => {
    const model = differentiableModel(
      network((graph, x) => graph.add("Log", [x], {}, { outputs: ["logarithm"] })),
      runtime,
    );
    const method = occlusion({ window: 1 });
    const all = explain(model, [items[0]!], { method, target: 0, batchSize: 1 });
    await expect(all.next()).rejects.toThrow(/good: of an image that the method makes from it.*"logarithm"/);
    await model.release();
  });
});
