import { tensor } from "@voxplain/core";
import { graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { blockNetwork, distance, feedsOf } from "../../../tests/block-networks.ts";
import { blockedConvolution } from "../src/blocked-convolution.ts";
import { lowerForCpu } from "../src/cpu.ts";
import { depthSlabs } from "../src/depth-slabs.ts";
import { doubleProducts } from "../src/double-products.ts";
import { foldScale } from "../src/fold-scale.ts";
import { lower } from "../src/lower.ts";
import { paddedPooling } from "../src/padded-pooling.ts";
import { partialSums } from "../src/partial-sums.ts";
import { thinConvolution } from "../src/thin-convolution.ts";
import { gradientOf } from "./gradient-of.ts";
import { runModel } from "./run-model.ts";

/** Slabs of at most two pooled planes for these channels and images, wherever the depth allows it. */
const smallSlabs = { wholeBytes: 0, slabBytes: 0 };
const none = { multiplications: 0 };
const everything = { slabs: smallSlabs, blocked: { multiplications: 0 }, small: none };

const count = (model: Model, opType: string) =>
  model.graph.nodes.filter((node) => node.opType === opType).length;

/** The passes add roundings of float32 (6e-8 each) in other orders; a moved maximum gives 1e-3 and more. */
const rounding = 1e-6;

const passes: Readonly<Record<string, (model: Model) => Model>> = {
  "scales folded": foldScale,
  "padding left to the pooling": (model) => paddedPooling(foldScale(model)),
  "thin convolutions in lines": (model) => thinConvolution(foldScale(model)),
  "slabs of the least height": (model) => depthSlabs(paddedPooling(foldScale(model)), smallSlabs),
  "slabs of thin convolutions": (model) =>
    depthSlabs(thinConvolution(paddedPooling(foldScale(model))), smallSlabs),
  "slabs of some planes": (model) =>
    depthSlabs(paddedPooling(foldScale(model)), { wholeBytes: 0, slabBytes: 60_000 }),
  "blocked convolutions": (model) =>
    blockedConvolution(paddedPooling(foldScale(model)), { multiplications: 0 }),
  "blocked convolutions alone": (model) => blockedConvolution(model, { multiplications: 0 }),
  "sums by place": (model) => partialSums(model, { multiplications: Infinity }),
  "all passes": (model) => lowerForCpu(model, everything),
  "the passes of small networks": (model) => lowerForCpu(model),
};

describe.each([
  { image: [13, 10, 9], batch: 1 },
  { image: [10, 11, 12], batch: 2 },
  { image: [11, 9, 8], batch: "batch" },
  { image: [16, 7, 11], batch: "batch" },
  { image: [17, 20, 18], batch: "batch", padding: 0, channels: [1, 15, 25] },
  { image: [11, 10, 12], batch: 1, padding: 1, channels: [1, 13, 15, 31] },
] as const)("a 3D network on images of $image, batch $batch", ({ image, batch, ...others }) => {
  const network = blockNetwork({ image, channels: [1, 8, 16, 8], batch, ...others });
  const gradient = gradientOf(network);
  const feeds = feedsOf(image, batch === 1 ? 1 : 2);
  const expected = runModel(gradient, feeds);

  it.each(Object.keys(passes))("has the same logits and gradient with %s", async (name) => {
    const found = await runModel(passes[name]!(gradient), feeds);
    const reference = await expected;
    expect(Object.keys(found).sort()).toEqual(["gradient:x", "logits"]);
    expect(distance(found.logits, reference.logits)).toBeLessThan(rounding);
    expect(distance(found["gradient:x"], reference["gradient:x"])).toBeLessThan(rounding);
  });

  it("has the same logits without a gradient", async () => {
    const lowered = lowerForCpu(network, everything);
    expect(count(lowered, "BatchNormalization")).toBe(0);
    const found = await runModel(lowered, feeds);
    expect(distance(found.logits, (await expected).logits)).toBeLessThan(rounding);
  });
});

describe("a convolution in blocks", () => {
  const image = [5, 6, 7];
  const channels = [13, 15] as const;
  const random = (dims: readonly number[]) => {
    const size = dims.reduce((product, length) => product * length, 1);
    return tensor(
      "float32",
      dims,
      Float32Array.from({ length: size }, (_, k) => Math.sin(k * k + k)),
    );
  };
  const paddings = Array.from({ length: 81 }, (_, k) => [
    k % 3,
    Math.floor(k / 3) % 3,
    Math.floor(k / 9) % 3,
    Math.floor(k / 27),
  ]);

  it("is the same for every padding of the plane", async () => {
    const graph = graphBuilder("paddings");
    const x = graph.input("x", "float32", [2, channels[0], ...image]);
    const weight = graph.initializer("weight", random([channels[1], channels[0], 3, 3, 3]));
    const bias = graph.initializer("bias", random([channels[1]]));
    for (const [top = 0, left = 0, bottom = 0, right = 0] of paddings) {
      const name = `${top}${left}${bottom}${right}`;
      const pads = [left, top, left, right, bottom, right];
      graph.add("Conv", [x, weight, bias], { kernel_shape: [3, 3, 3], pads }, { outputs: [name] });
      graph.output(name, "float32", undefined);
    }
    const model = modelOf(graph.build());
    const blocked = blockedConvolution(model, { multiplications: 0 });
    expect(count(blocked, "Conv")).toBe(3 * paddings.length);
    const feeds = { x: random([2, channels[0], ...image]) };
    const [found, expected] = [await runModel(blocked, feeds), await runModel(model, feeds)];
    expect(Object.keys(found)).toHaveLength(paddings.length);
    for (const [name, result] of Object.entries(expected)) {
      expect(distance(found[name], result), name).toBeLessThan(rounding);
    }
  });
});

describe("what the passes change", () => {
  const gradient = gradientOf(blockNetwork({ image: [13, 10, 9], channels: [1, 8, 16], batch: "batch" }));

  it("folds all normalizations into convolutions, forward and backward", () => {
    const folded = foldScale(gradient);
    expect(count(folded, "BatchNormalization")).toBe(0);
    const products = folded.graph.nodes.filter(({ opType }) => opType === "Mul");
    const depends = products.filter(({ inputs }) =>
      inputs.some((input) => /Where|MaxUnpool|pool/.test(input)),
    );
    expect(depends).toEqual([]);
  });

  it("leaves no padding, no cutting and no mask at full size", () => {
    const pooled = paddedPooling(foldScale(gradient));
    expect(count(pooled, "Pad")).toBe(0);
    // Those that are left mirror the weights.
    expect(count(pooled, "Slice")).toBe(2);
    const masks = pooled.graph.nodes.filter(({ opType }) => opType === "Greater");
    expect(masks.map(({ inputs }) => inputs[0])).toEqual(
      expect.arrayContaining([expect.stringMatching(/^pool0/), expect.stringMatching(/^pool1/)]),
    );
    expect(masks).toHaveLength(2);
  });

  it("cuts the depth into slabs that end where windows end", () => {
    const lowered = lowerForCpu(gradient, { slabs: smallSlabs, blocked: undefined, small: none });
    // 7 pooled planes, in slabs of at least one (two where the padded front counts as halo).
    const poolings = lowered.graph.nodes.filter(({ name }) => name.startsWith("pool0/slab"));
    expect(poolings.length).toBeGreaterThan(2);
    expect(count(lowered, "MaxUnpool")).toBe(count(lowered, "MaxPool"));
  });

  it("leaves small blocks whole and small convolutions direct by default", () => {
    const lowered = lowerForCpu(gradient);
    expect(count(lowered, "MaxPool")).toBe(2);
    expect(count(lowered, "Gather")).toBe(0);
  });

  it("blocks all slabs of a convolution or none, though they differ in height", () => {
    const slabs = { wholeBytes: 0, slabBytes: 4 * 16 * 5 * 5 * 4 };
    const convolutions = lowerForCpu(gradient, { slabs, blocked: undefined, small: none }).graph.nodes.filter(
      ({ opType, name }) => opType === "Conv" && name.startsWith("conv1/"),
    );
    expect(convolutions.length).toBeGreaterThan(1);
    const limits = Array.from({ length: 60 }, (_, k) => 2 ** (14 + k / 4));
    const parts = limits.map((multiplications) =>
      count(lowerForCpu(gradient, { slabs, blocked: { multiplications }, small: none }), "Gather"),
    );
    // Three parts of every slab, in the network and in its gradient.
    expect(new Set(parts)).toEqual(new Set([6 * convolutions.length, 0]));
  });

  it("keeps the names and types of inputs and outputs", () => {
    const lowered = lowerForCpu(gradient, everything);
    expect(lowered.graph.inputs).toEqual(gradient.graph.inputs);
    expect(lowered.graph.outputs).toEqual(gradient.graph.outputs);
  });

  it("keeps the weights as they are, without reading them", () => {
    const lowered = lowerForCpu(gradient, everything);
    for (const [name, value] of gradient.graph.initializers) {
      if (/^(weight|linear)/.test(name)) expect(lowered.graph.initializers.get(name)).toBe(value);
    }
  });
});

describe("what the passes leave alone", () => {
  it("zeros that can be the maximum, after a LeakyReLU", async () => {
    const image = [9, 8, 7];
    const network = blockNetwork({ image, channels: [1, 8, 8], batch: 1, activation: "LeakyRelu" });
    const gradient = gradientOf(network);
    const lowered = lowerForCpu(gradient, everything);
    expect(count(paddedPooling(foldScale(gradient)), "Pad")).toBe(count(gradient, "Pad"));
    const feeds = feedsOf(image, 1);
    const [found, expected] = [await runModel(lowered, feeds), await runModel(gradient, feeds)];
    expect(distance(found["gradient:x"], expected["gradient:x"])).toBeLessThan(rounding);
  });

  it("2D networks, but for the sums of small gradients and their linear layers", () => {
    const gradient = gradientOf(blockNetwork({ image: [13, 11], channels: [1, 8, 8], batch: "batch" }));
    expect(lowerForCpu(gradient, everything)).toEqual(doubleProducts(gradient));
  });

  it("a ReLU whose gradient is not its own, as in guided methods", () => {
    const gradient = gradientOf(blockNetwork({ image: [9, 8, 7], channels: [1, 8], batch: 1 }));
    const slice = gradient.graph.nodes.find(({ name }) => name === "gradient/pad0/Slice")!.outputs[0]!;
    const unmasked: Model = {
      ...gradient,
      graph: {
        ...gradient.graph,
        nodes: gradient.graph.nodes.map((node) =>
          node.opType === "Greater" ? { ...node, inputs: [slice, node.inputs[1]!] } : node,
        ),
      },
    };
    expect(count(paddedPooling(unmasked), "Pad")).toBe(1);
  });

  it("inner values that are outputs of the graph", () => {
    const network = blockNetwork({ image: [9, 8, 7], channels: [1, 8], batch: 1 });
    const activation = network.graph.nodes.find(({ opType }) => opType === "Relu")!.outputs[0]!;
    const lengths = [1, 8, 9, 8, 7];
    const shown: Model = {
      ...network,
      graph: {
        ...network.graph,
        outputs: [...network.graph.outputs, { name: activation, dtype: "float32", dims: lengths }],
      },
    };
    const lowered = lowerForCpu(shown, everything);
    expect(count(lowered, "MaxPool")).toBe(1);
    expect(lowered.graph.nodes.some(({ outputs }) => outputs.includes(activation))).toBe(true);
  });

  it("convolutions with strides, groups, dilations or other kernels", () => {
    const graph = graphBuilder("others");
    const x = graph.input("x", "float32", [1, 16, 8, 8, 8]);
    const weight = (name: string, dims: number[]) =>
      graph.initializer(name, tensor("float32", dims, new Float32Array(dims.reduce((a, b) => a * b, 1))));
    const cases = {
      strides: { kernel_shape: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1], strides: [2, 2, 2] },
      dilations: { kernel_shape: [3, 3, 3], pads: [2, 2, 2, 2, 2, 2], dilations: [2, 2, 2] },
      kernels: { kernel_shape: [5, 3, 3], pads: [2, 1, 1, 2, 1, 1] },
    };
    for (const [name, attributes] of Object.entries(cases)) {
      graph.add("Conv", [x, weight(`${name} weight`, [16, 16, ...attributes.kernel_shape])], attributes, {
        outputs: [name],
      });
      graph.output(name, "float32", undefined);
    }
    const grouped = { kernel_shape: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1], group: 2 };
    graph.add("Conv", [x, weight("group weight", [16, 8, 3, 3, 3])], grouped, { outputs: ["group"] });
    graph.output("group", "float32", undefined);
    const model = modelOf(graph.build());
    expect(lowerForCpu(model, everything)).toBe(model);
  });
});

describe("lower", () => {
  it("does what suits the runtime", () => {
    const large = gradientOf(blockNetwork({ image: [61, 40, 38], channels: [1, 16, 32], batch: 1 }));
    const lowered = lower(large, { poolingGradient: "indices", convolution3d: "direct" });
    expect(count(lowered, "Pad")).toBe(0);
  });
});
