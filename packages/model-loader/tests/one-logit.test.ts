import { tensor } from "@voxplain/core";
import { encodeModel, type GraphBuilder, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { type OnnxNetworkOptions, onnxNetwork } from "../src/index.ts";

const runtime = directRuntime();
/** x = 0.25 · sum of the four voxels: 0.6 of this image, −0.6 of its negative. */
const image = [1, 2, 0.4, -1];
const inputDims = [1, 2, 2];

type Build = (graph: GraphBuilder, logit: string) => string;

/** What a network gives whose output is made of the logit [batch, 1]. */
async function outputsOf(build: Build, options: Partial<OnnxNetworkOptions> = {}, start: Build = theLogit) {
  const graph = graphBuilder("one-logit");
  const input = graph.input("x", "float32", ["batch", ...inputDims]);
  graph.output(build(graph, start(graph, input)), "float32", undefined);
  const file = { name: "net.onnx", opset: 17, model: modelOf(graph.build()) };
  const network = onnxNetwork(file, { inputDims, ...options });
  const session = await runtime.createSession(await encodeModel(network.model));
  try {
    const both = Float32Array.from([...image, ...image.map((value) => -value)]);
    const results = await session.run({ [network.input]: tensor("float32", [2, ...inputDims], both) });
    const found = results[network.logits]!;
    return { network, dims: found.dims, logits: Array.from(found.data, Number) };
  } finally {
    await session.release();
  }
}

function theLogit(graph: GraphBuilder, input: string): string {
  return graph.add("Flatten", [graph.add("GlobalAveragePool", [input])]);
}

const one = (graph: GraphBuilder) => graph.scalar(1);
const sigmoid: Build = (graph, x) => graph.add("Sigmoid", [x]);
const complement: Build = (graph, p) => graph.add("Sub", [one(graph), p]);
const exponential: Build = (graph, x) => graph.add("Exp", [graph.add("Neg", [x])]);
const columns = (graph: GraphBuilder, a: string, b: string) => graph.add("Concat", [a, b], { axis: 1 });

const forms: Readonly<Record<string, Build>> = {
  "the logit itself": (_, x) => x,
  Sigmoid: sigmoid,
  "Sigmoid, then Squeeze to [batch]": (g, x) => g.add("Squeeze", [sigmoid(g, x), g.int64([1])]),
  "Squeeze, then Sigmoid": (g, x) => sigmoid(g, g.add("Squeeze", [x, g.int64([1])])),
  "Sigmoid, then [batch, 1, 1, 1]": (g, x) => g.add("Unsqueeze", [sigmoid(g, x), g.int64([2, 3])]),
  "the logarithm of a Sigmoid": (g, x) => g.add("Log", [sigmoid(g, x)]),
  "-softplus(-x)": (g, x) => g.add("Neg", [g.add("Softplus", [g.add("Neg", [x])])]),
  "1 / (1 + exp(-x))": (g, x) => g.add("Div", [one(g), g.add("Add", [one(g), exponential(g, x)])]),
  "1 / (exp(-1 * x) + 1) by Reciprocal": (g, x) =>
    g.add("Reciprocal", [g.add("Add", [g.add("Exp", [g.add("Mul", [g.scalar(-1), x])]), one(g)])]),
  "exp(x) / (1 + exp(x))": (g, x) => {
    const e = g.add("Exp", [x]);
    return g.add("Div", [e, g.add("Add", [one(g), e])]);
  },
  "(1 + tanh(x / 2)) / 2": (g, x) => {
    const t = g.add("Tanh", [g.add("Mul", [x, g.scalar(0.5)])]);
    return g.add("Mul", [g.scalar(0.5), g.add("Add", [t, one(g)])]);
  },
  "0.5 * tanh(x / 2) + 0.5": (g, x) => {
    const t = g.add("Tanh", [g.add("Div", [x, g.scalar(2)])]);
    return g.add("Add", [g.add("Mul", [t, g.scalar(0.5)]), g.scalar(0.5)]);
  },
  "a Sigmoid kept away from 0 and 1": (g, x) =>
    g.add("Clip", [sigmoid(g, x), g.scalar(1e-7), g.scalar(1 - 1e-7)]),
  "1 - sigmoid(-x)": (g, x) => complement(g, sigmoid(g, g.add("Neg", [x]))),
  "[1 - p, p]": (g, x) => {
    const p = sigmoid(g, x);
    return columns(g, complement(g, p), p);
  },
  "[1 - p, p] stacked": (g, x) => {
    const p = sigmoid(g, g.add("Squeeze", [x, g.int64([1])]));
    const column = (value: string) => g.add("Unsqueeze", [value, g.int64([1])]);
    return columns(g, column(complement(g, p)), column(p));
  },
  "[sigmoid(-x), sigmoid(x)]": (g, x) => columns(g, sigmoid(g, g.add("Neg", [x])), sigmoid(g, x)),
  "[p, 1 - p] of the other class": (g, x) => {
    const p = sigmoid(g, g.add("Neg", [x]));
    return columns(g, p, complement(g, p));
  },
  "the second of a softmax over [0, x]": (g, x) => {
    const both = columns(g, g.add("Mul", [x, g.scalar(0)]), x);
    return g.add("Gather", [g.add("Softmax", [both], { axis: 1 }), g.int64([1])], { axis: 1 });
  },
};

describe("a network of one logit", () => {
  it.each(Object.entries(forms))("has the scores -x and x of two classes: %s", async (_, build) => {
    const { network, dims, logits } = await outputsOf(build);
    expect(dims).toEqual([2, 2]);
    expect(network).toMatchObject({ classCount: 2, decision: "binary" });
    for (const [k, wanted] of [-0.6, 0.6, 0.6, -0.6].entries()) expect(logits[k]).toBeCloseTo(wanted, 6);
  });

  it("of a grid is the mean over the grid, before the sigmoid", async () => {
    const { network, logits } = await outputsOf(sigmoid, { region: "grid" }, (_, x) => x);
    expect(network).toMatchObject({ classCount: 2, decision: "binary", meanOver: [2, 2] });
    for (const [k, wanted] of [-0.6, 0.6, 0.6, -0.6].entries()) expect(logits[k]).toBeCloseTo(wanted, 6);
  });

  it("that averages probabilities itself has the logit of that mean", async () => {
    const { network, logits } = await outputsOf(
      (g, p) => theLogit(g, p),
      {},
      (g, x) => sigmoid(g, x),
    );
    const p = image.reduce((sum, x) => sum + 1 / (1 + Math.exp(-x)) / 4, 0);
    expect(network.decision).toBe("binary");
    expect(logits[1]).toBeCloseTo(Math.log(p / (1 - p)), 5);
  });

  it("that is said to be a regression gives its value", async () => {
    const { network, logits } = await outputsOf((_, x) => x, { isRegression: true });
    expect(network.classCount).toBe(1);
    expect(network.decision).toBe("value");
    expect(logits[0]).toBeCloseTo(0.6, 6);
  });
});

describe("a network of several outputs", () => {
  const three: Build = (g, x) =>
    g.add("Concat", [x, g.add("Mul", [x, g.scalar(2)]), g.add("Neg", [x])], { axis: 1 });
  const shifted: Build = (g, x) => {
    const z = g.add("Sub", [x, g.add("ReduceMax", [x], { axes: [1], keepdims: 1 })]);
    const e = g.add("Exp", [z]);
    return g.add("Div", [e, g.add("ReduceSum", [e, g.int64([1])], { keepdims: 1 })]);
  };
  const logSoftmax: Build = (g, x) =>
    g.add("Sub", [x, g.add("ReduceLogSumExp", [x], { axes: [1], keepdims: 1 })]);

  it.each([
    ["Sigmoid", sigmoid, "multi-label"],
    ["LogSoftmax", (g: GraphBuilder, x: string) => g.add("LogSoftmax", [x], { axis: 1 }), undefined],
    [
      "the logarithm of Softmax",
      (g: GraphBuilder, x: string) => g.add("Log", [g.add("Softmax", [x], { axis: 1 })]),
      undefined,
    ],
    ["exp(x - max) / sum", shifted, undefined],
    ["x - log sum exp(x)", logSoftmax, undefined],
  ] as const)("has the logits before its probabilities: %s", async (_, build, decision) => {
    const { network, logits } = await outputsOf((g, x) => build(g, three(g, x)));
    expect(network.classCount).toBe(3);
    expect(network.decision).toBe(decision);
    for (const [k, wanted] of [0.6, 1.2, -0.6].entries()) expect(logits[k]).toBeCloseTo(wanted, 6);
  });
});
