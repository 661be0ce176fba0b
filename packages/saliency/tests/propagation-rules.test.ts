import { readFileSync } from "node:fs";
import { type Tensor, tensor } from "@voxplain/core";
import { decodeModel, type GraphBuilder, graphBuilder, modelOf, type Network } from "@voxplain/onnx-graph";
import {
  type Attribution,
  type AttributionMethod,
  deconvolution,
  deepLift,
  differentiableModel,
  guidedBackpropagation,
  lrp,
} from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { lrpComposite } from "../src/propagation/lrp-composites.ts";
import { lrpPropagation } from "../src/propagation/lrp-propagation.ts";
import { someInputs } from "./toy-models.ts";

const runtime = directRuntime();

function constant(graph: GraphBuilder, dims: readonly number[], values: readonly number[]): string {
  return graph.constant(tensor("float32", dims, Float32Array.from(values)));
}

/** A matrix without pattern. */
function matrix(graph: GraphBuilder, rows: number, columns: number, phase: number): string {
  const values = Array.from({ length: rows * columns }, (_, k) => Math.sin(1.7 * k + phase));
  return constant(graph, [rows, columns], values);
}

/** A network with the logits that `build` makes of x, [batch, classes]. */
function networkOf(
  inputDims: readonly number[],
  classCount: number,
  build: (graph: GraphBuilder, x: string) => string,
  batch: "batch" | number = "batch",
): Network {
  const graph = graphBuilder("network");
  const x = graph.input("x", "float32", [batch, ...inputDims]);
  const logits = graph.add("Identity", [build(graph, x)], {}, { outputs: ["logits"] });
  graph.output(logits, "float32", [batch, classCount]);
  return { model: modelOf(graph.build()), input: "x", logits: "logits", inputDims, classCount };
}

async function explain(
  network: Network,
  method: AttributionMethod,
  input: Tensor<"float32">,
  target = 0,
): Promise<Attribution> {
  const model = differentiableModel(network, runtime);
  try {
    return await method(model, input, target);
  } finally {
    await model.release();
  }
}

/** The largest |delta| as a fraction of the logit. */
function missed({ delta, logits }: Attribution, target: number): number {
  const classCount = logits.dims[1]!;
  return Math.max(...delta!.map((one, n) => Math.abs(one / logits.data[n * classCount + target]!)));
}

describe("LRP", () => {
  describe.each([
    ["network-2d.onnx", [2, 9, 7]],
    ["network-3d.onnx", [1, 6, 5, 7]],
  ] as const)("of %s", (file, inputDims) => {
    const model = decodeModel(readFileSync(new URL(`fixtures/${file}`, import.meta.url)), { name: file });
    const network: Network = { model, input: "input", logits: "logits", inputDims, classCount: 3 };

    it.each([
      ["epsilon-plus", 1e-4],
      ["epsilon-plus-flat", 1e-4],
      ["gamma", 1e-4],
      ["epsilon-gamma-box", 1e-4],
      ["epsilon", 1e-3],
    ] as const)(
      "hands the whole logit down by %s where biases count as 0, to %d",
      async (composite, tolerance) => {
        const attribution = await explain(
          network,
          lrp({ composite, zeroBias: true }),
          someInputs(2, inputDims),
        );
        // What is lost to ε = 1e-6 next to activations of the order of 0.1, and more where they cancel out.
        expect(missed(attribution, 0)).toBeLessThan(tolerance);
      },
    );

    it("has the whole relevance at a layer whose normalization is merged into it", async () => {
      const convolution = model.graph.nodes.find(({ opType }) => opType === "Conv")!;
      const parameters = { epsilon: 1e-6, gamma: 0.25, low: undefined, high: undefined };
      const propagation = lrpPropagation(lrpComposite("epsilon-plus", parameters), true);
      const opened = differentiableModel(network, runtime);
      const options = { layer: convolution.outputs[0]!, propagation };
      const { gradient } = await opened.gradient(someInputs(1, inputDims), 0, options);
      await opened.release();
      // ε = 1e-6 beside sums of the order of 1.
      expect(gradient.data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    });
  });

  it.each(["epsilon-plus", "gamma", "epsilon-gamma-box"] as const)(
    "hands down the whole logit by %s through a transposed convolution and its normalization",
    async (composite) => {
      const network = networkOf([2, 3, 4], 2, (graph, x) => {
        const weights = graph.add("Reshape", [matrix(graph, 6, 9, 1), graph.int64([2, 3, 3, 3])]);
        const spread = graph.add("ConvTranspose", [x, weights], {
          strides: [2, 2],
          pads: [1, 0, 1, 0],
        });
        const statistics = [
          [1, 0.5, 2],
          [0, 0, 0],
          [0, 0, 0],
          [1, 2, 0.5],
        ].map((values) => constant(graph, [3], values));
        const active = graph.add("Relu", [graph.add("BatchNormalization", [spread, ...statistics])]);
        const flat = graph.add("Flatten", [active], { axis: 1 });
        return graph.add("MatMul", [flat, matrix(graph, 3 * 5 * 9, 2, 0)]);
      });
      const attribution = await explain(
        network,
        lrp({ composite, zeroBias: true }),
        someInputs(2, [2, 3, 4]),
        1,
      );
      expect(missed(attribution, 1)).toBeLessThan(1e-4);
    },
  );

  it("gives a gate nothing, and what it gates everything", async () => {
    const network = networkOf([3], 1, (graph, x) => {
      const value = graph.add("MatMul", [x, constant(graph, [3, 2], [1, 2, 3, -1, 0, 0])]);
      const gate = graph.add("Sigmoid", [
        graph.add("MatMul", [x, constant(graph, [3, 2], [0, 0, 0, 0, 1, 2])]),
      ]);
      const gated = graph.add("Mul", [gate, value]);
      return graph.add("MatMul", [gated, constant(graph, [2, 1], [1, 1])]);
    });
    const attribution = await explain(network, lrp(), someInputs(2, [3]));
    expect(attribution.map.data[2]).toBe(0);
    expect(attribution.map.data[5]).toBe(0);
    expect(missed(attribution, 0)).toBeLessThan(1e-5);
  });

  it("shares a product of two equals in halves", async () => {
    const network = networkOf([2], 1, (graph, x) => {
      const [a, b] = [
        graph.add("Gather", [x, graph.int64([0])], { axis: 1 }),
        graph.add("Gather", [x, graph.int64([1])], { axis: 1 }),
      ];
      return graph.add("Mul", [a, b]);
    });
    const { map } = await explain(network, lrp(), tensor("float32", [1, 2], Float32Array.of(3, 4)));
    // ε = 1e-6 of the sum of 12.
    expect(map.data[0]).toBeCloseTo(6, 5);
    expect(map.data[1]).toBeCloseTo(6, 5);
  });

  it("follows the values through attention, not the weights", async () => {
    const attention = (graph: GraphBuilder, x: string) => {
      const projected = (phase: number) => graph.add("MatMul", [x, matrix(graph, 4, 4, phase)]);
      const keys = graph.add("Transpose", [projected(1)], { perm: [0, 2, 1] });
      const weights = graph.add("Softmax", [graph.add("MatMul", [projected(0), keys])], { axis: -1 });
      const mixed = graph.add("Add", [x, graph.add("MatMul", [weights, projected(2)])]);
      const pooled = graph.add("ReduceMean", [mixed], { axes: [1], keepdims: 0 });
      return graph.add("MatMul", [pooled, matrix(graph, 4, 2, 3)]);
    };
    const attribution = await explain(networkOf([5, 4], 2, attention), lrp(), someInputs(2, [5, 4]), 1);
    // ε = 1e-6 beside sums of the order of 0.1.
    expect(missed(attribution, 1)).toBeLessThan(1e-4);
  });

  it("treats each layer that sees the input as a first one", async () => {
    const network = networkOf([2, 3, 3], 1, (graph, x) => {
      const point = (phase: number) =>
        graph.add("Conv", [x, graph.add("Reshape", [matrix(graph, 2, 2, phase), graph.int64([2, 2, 1, 1])])]);
      const both = graph.add("Relu", [graph.add("Concat", [point(1), point(2)], { axis: 1 })]);
      const flat = graph.add("Flatten", [both], { axis: 1 });
      return graph.add("MatMul", [flat, matrix(graph, 36, 1, 0)]);
    });
    const { map } = await explain(network, lrp({ composite: "epsilon-plus-flat" }), someInputs(1, [2, 3, 3]));
    // The flat rule treats all channels alike.
    expect(map.data.subarray(0, 9)).toEqual(map.data.subarray(9));
    expect(map.data.some((value) => value !== 0)).toBe(true);
  });

  it("adds a bias that is a node of its own to the denominator, unless biases count as 0", async () => {
    const network = networkOf([2], 1, (graph, x) => {
      const product = graph.add("MatMul", [x, constant(graph, [2, 1], [1, 2])]);
      return graph.add("Add", [product, constant(graph, [1], [5])]);
    });
    const input = tensor("float32", [1, 2], Float32Array.of(1, 2));
    const [kept, left] = [
      await explain(network, lrp(), input),
      await explain(network, lrp({ zeroBias: true }), input),
    ];
    // 1 · 1 + 2 · 2 + 5 = 10
    for (const [k, value] of [1, 4].entries()) expect(kept.map.data[k]).toBeCloseTo(value, 5);
    for (const [k, value] of [2, 8].entries()) expect(left.map.data[k]).toBeCloseTo(value, 5);
    expect(kept.delta![0]).toBeCloseTo(-5, 5);
  });

  it.each([
    [{ epsilon: -1 }, "epsilon must be a number of at least 0"],
    [{ low: 2, high: 1 }, "low the lower one"],
    [
      { composite: { convolution: { rule: "alpha-beta", alpha: 2, beta: 0 }, dense: { rule: "epsilon" } } },
      "alpha − beta must be 1",
    ],
  ] as const)("refuses %j", (options, message) => {
    expect(() => lrp({ composite: "epsilon-gamma-box", ...options })).toThrow(message);
  });

  it("names bounds that do not fit the channels", async () => {
    const network = networkOf([2, 3, 3], 1, (graph, x) => {
      const weights = graph.add("Reshape", [matrix(graph, 3, 6, 0), graph.int64([1, 2, 3, 3])]);
      return graph.add("Flatten", [graph.add("Conv", [x, weights])], { axis: 1 });
    });
    const method = lrp({ composite: "epsilon-gamma-box", low: [0, 0, 0] });
    await expect(explain(network, method, someInputs(1, [2, 3, 3]))).rejects.toThrow(
      "there are 3 bounds for its 2 channels",
    );
  });
});

describe("DeepLIFT", () => {
  it("leaves nothing over in products and quotients of what depends on the input", async () => {
    const network = networkOf([4], 2, (graph, x) => {
      const dense = (phase: number) => graph.add("MatMul", [x, matrix(graph, 4, 3, phase)]);
      const gated = graph.add("Mul", [dense(0), graph.add("Sigmoid", [dense(1)])]);
      const size = graph.add("Add", [graph.add("Abs", [dense(2)]), graph.scalar(1)]);
      const quotient = graph.add("Div", [graph.add("Tanh", [gated]), size]);
      return graph.add("MatMul", [quotient, matrix(graph, 3, 2, 3)]);
    });
    const { delta, map } = await explain(network, deepLift({ baseline: 0.25 }), someInputs(3, [4]), 1);
    expect(Math.max(...map.data.map(Math.abs))).toBeGreaterThan(0.1);
    for (const one of delta!) expect(Math.abs(one)).toBeLessThan(1e-6);
  });

  it("is the gradient where input and baseline are the same", async () => {
    const network = networkOf([2], 1, (graph, x) =>
      graph.add("MatMul", [graph.add("Elu", [x]), constant(graph, [2, 1], [1, 1])]),
    );
    const input = tensor("float32", [1, 2], Float32Array.of(-1, 2));
    const { map, delta } = await explain(network, deepLift({ baseline: input }), input);
    expect([...map.data]).toEqual([0, 0]);
    expect(delta).toEqual([0]);
  });

  it("says that a network which takes one input at a time cannot be used", async () => {
    const single = networkOf([2], 2, (graph, x) => graph.add("Softmax", [x], { axis: 0 }, { name: "rank" }));
    await expect(explain(single, deepLift(), someInputs(1, [2]))).rejects.toThrow(
      'takes one input at a time (Softmax "rank": it may not treat every image by itself)',
    );
  });

  /** Rows of three for every image go through `act` one beside another, as [N, 3, 5], or where `move` puts the images. */
  const rows = (
    act: (graph: GraphBuilder, x: string) => string,
    move: (graph: GraphBuilder, x: string) => string = (_, x) => x,
    back: (graph: GraphBuilder, x: string) => string = (_, x) => x,
  ) =>
    networkOf([3, 4], 2, (graph, x) => {
      const moved = graph.add("MatMul", [move(graph, x), matrix(graph, 4, 5, 0)]);
      const flat = graph.add("Reshape", [back(graph, act(graph, moved)), graph.int64([-1, 15])]);
      return graph.add("MatMul", [flat, matrix(graph, 15, 2, 1)]);
    });
  const first: Parameters<typeof rows>[1] = (graph, x) => graph.add("Transpose", [x], { perm: [1, 0, 2] });
  const reshaped =
    (...shape: number[]): NonNullable<Parameters<typeof rows>[1]> =>
    (graph, x) =>
      graph.add("Reshape", [x, graph.int64(shape)]);
  const acts: Readonly<Record<string, (graph: GraphBuilder, x: string) => string>> = {
    "an activation": (graph, x) => graph.add("Elu", [graph.add("Sin", [x])]),
    "a product": (graph, x) => graph.add("Mul", [graph.add("Sigmoid", [x]), x]),
    "a quotient": (graph, x) => graph.add("Div", [x, graph.add("Exp", [x])]),
  };

  it.each(
    Object.entries(acts).flatMap(
      ([name, act]) =>
        [
          [name, "one behind another, as windows do", act, rows(act, reshaped(-1, 4), reshaped(-1, 3, 5))],
          [name, "on the second axis", act, rows(act, first, first)],
          [
            name,
            "in the same axis as the rows and behind them",
            act,
            rows(
              act,
              (graph, x) => reshaped(-1, 4)(graph, first(graph, x)),
              (graph, x) => first(graph, reshaped(3, -1, 5)(graph, x)),
            ),
          ],
        ] as const,
    ),
  )("is the same for %s where the images are %s", async (_name, _where, act, network) => {
    const method = deepLift({ baseline: 0.25 });
    const inputs = someInputs(3, [3, 4]);
    const expected = await explain(rows(act), method, inputs);
    const found = await explain(network, method, inputs);
    expect(Math.max(...expected.map.data.map(Math.abs))).toBeGreaterThan(0.1);
    for (const [k, value] of expected.map.data.entries()) expect(found.map.data[k]).toBeCloseTo(value, 5);
    for (const one of found.delta!) expect(Math.abs(one)).toBeLessThan(1e-5);
  });

  it("finds the images of each factor, and of what a maximum is taken of", async () => {
    const network = (isMoved: boolean) =>
      networkOf([3, 4], 3, (graph, x) => {
        const a = graph.add("Tanh", [x]);
        const b = graph.add("Sin", [x]);
        const scores = isMoved
          ? graph.add("Einsum", [first(graph, a), first(graph, b)], { equation: "lbd,mbd->blm" })
          : graph.add("Einsum", [a, b], { equation: "bld,bmd->blm" });
        const attended = isMoved ? first(graph, scores) : scores;
        return graph.add("ReduceMax", [attended], { axes: [isMoved ? 0 : 1], keepdims: 0 });
      });
    const inputs = someInputs(2, [3, 4]);
    const [expected, found] = [
      await explain(network(false), deepLift(), inputs),
      await explain(network(true), deepLift(), inputs),
    ];
    for (const [k, value] of expected.map.data.entries()) expect(found.map.data[k]).toBeCloseTo(value, 5);
    for (const one of found.delta!) expect(Math.abs(one)).toBeLessThan(1e-5);
  });
});

describe("guided backpropagation and deconvolution", () => {
  const input = tensor("float32", [1, 4], Float32Array.of(-1, 2, 3, 8));
  /** Logit Σ wₖ act(xₖ) with w = [1, −1, 1, 1]. */
  const network = (act: (graph: GraphBuilder, x: string) => string) =>
    networkOf([4], 1, (graph, x) =>
      graph.add("MatMul", [act(graph, x), constant(graph, [4, 1], [1, -1, 1, 1])]),
    );

  it.each([
    ["Relu", [0, 0, 1, 1], [1, 0, 1, 1]],
    ["LeakyRelu", [0.01, 0, 1, 1], [1, 0, 1, 1]],
    ["Softplus", [0.268941, 0, 0.952574, 0.999665], [1, 0, 1, 1]],
    // Not a rectifier: its gradient 1 − tanh² flows.
    ["Tanh", [0.419974, -0.070651, 0.009866, 0], [0.419974, -0.070651, 0.009866, 0]],
  ] as const)("%s", async (opType, guided, deconvolved) => {
    const model = network((graph, x) => graph.add(opType, [x]));
    const maps = [
      await explain(model, guidedBackpropagation, input),
      await explain(model, deconvolution, input),
    ];
    for (const [k, value] of guided.entries()) expect(maps[0]!.map.data[k]).toBeCloseTo(value, 5);
    for (const [k, value] of deconvolved.entries()) expect(maps[1]!.map.data[k]).toBeCloseTo(value, 5);
  });

  it("counts a Clip as a rectifier where it begins at 0", async () => {
    const clipped = (low: number) =>
      network((graph, x) => graph.add("Clip", [x, graph.scalar(low), graph.scalar(6)]));
    expect([...(await explain(clipped(0), guidedBackpropagation, input)).map.data]).toEqual([0, 0, 1, 0]);
    expect([...(await explain(clipped(-2), guidedBackpropagation, input)).map.data]).toEqual([1, -1, 1, 0]);
    expect([...(await explain(clipped(0), deconvolution, input)).map.data]).toEqual([1, 0, 1, 1]);
  });
});
