// Kernels of a runtime in front of ONNX Runtime: the same results as of ONNX Runtime alone.
import { elementAt, elementCount, type ModelRuntime, type Tensor, tensor } from "@voxplain/core";
import type { Network } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";
import {
  type DifferentiableModel,
  deconvolution,
  differentiableModel,
  guidedBackpropagation,
  integratedGradients,
  lrp,
  watchedModel,
} from "@voxplain/saliency";
import { afterEach, describe, expect, it } from "vitest";
import { wasmInNode } from "../packages/runtime-web/tests/wasm-in-node.ts";
import { type BlockNetwork, blockNetwork, distance } from "./block-networks.ts";
import { casesOf } from "./long-tests.ts";

const opened: DifferentiableModel[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((model) => model.release()));
});

type MakeRuntime = (kernels: boolean, threads: number) => ModelRuntime;

const runtimes: readonly (readonly [string, MakeRuntime])[] = [
  ["in Node", (kernels, threads) => nodeRuntime({ executionProvider: "cpu", threads, kernels })],
  ["in the worker of a browser", (kernels, threads) => wasmInNode({ threads, kernels })],
];

function open(given: BlockNetwork, runtime: ModelRuntime): DifferentiableModel {
  const network: Network = {
    model: blockNetwork(given),
    input: "x",
    logits: "logits",
    inputDims: [given.channels[0] ?? 1, ...given.image],
    classCount: 2,
  };
  const model = differentiableModel(network, runtime);
  opened.push(model);
  return model;
}

const images = (count: number, dims: readonly number[]) =>
  tensor(
    "float32",
    [count, ...dims],
    Float32Array.from({ length: count * elementCount(dims) }, (_, k) => Math.sin(k * 1.7) + 0.3),
  );

/** The images of a batch. */
function rowsOf({ dims: [count = 0, ...dims], data }: Tensor<"float32">) {
  const size = elementCount(dims);
  return Array.from({ length: count }, (_, row) =>
    tensor("float32", [1, ...dims], data.slice(row * size, (row + 1) * size)),
  );
}

const networks: readonly (readonly [string, BlockNetwork])[] = [
  ["two blocks as kernels", { image: [17, 20, 37], channels: [1, 8, 16, 4], batch: "batch" }],
  ["many channels, rows of a few cells", { image: [7, 8, 17], channels: [16, 64, 72], batch: "batch" }],
  ["five blocks as kernels", { image: [17, 20, 131], channels: [1, 8, 16, 32, 64, 8], batch: "batch" }],
  ["a fixed batch", { image: [17, 20, 37], channels: [1, 8, 16, 4], batch: 1 }],
  ["a slope", { image: [18, 19, 21], channels: [1, 8, 5], batch: "batch", activation: "LeakyRelu" }],
  ["several channels", { image: [11, 12, 17], channels: [3, 6], batch: "batch" }],
  ["2D", { image: [21, 24], channels: [1, 4, 4], batch: "batch" }],
];

const composites = [
  "epsilon-plus",
  "epsilon-plus-flat",
  "epsilon-alpha2-beta1",
  "epsilon-gamma-box",
  "gamma",
] as const;

describe.each(runtimes)("kernels in front of ONNX Runtime, %s,", (where, runtimeWith) => {
  // The worker of a browser runs the same module, and takes seconds to start.
  const isShort = (name: string) => where === "in Node" || name === "two blocks as kernels";
  const isTypical = (name: string) => name === "two blocks as kernels" || name === "several channels";

  it.each(casesOf(networks, ([name]) => isShort(name)))(
    "give the logits and the gradient that it gives alone: %s",
    async (_, given) => {
      const batch = images(3, [given.channels[0] ?? 1, ...given.image]);
      const [own, plain] = [open(given, runtimeWith(true, 2)), open(given, runtimeWith(false, 2))];
      const [got, expected] = [await own.gradient(batch, 1), await plain.gradient(batch, 1)];
      // Sums of some hundred float32 products, each rounded in another order.
      expect(distance(got.gradient, expected.gradient)).toBeLessThan(2e-6);
      expect(got.gradient.dims).toEqual(expected.gradient.dims);
      expect(distance(got.logits, expected.logits)).toBeLessThan(2e-6);
      const [forward, plainForward] = [await own.forward(batch), await plain.forward(batch)];
      expect(distance(forward, plainForward)).toBeLessThan(2e-6);
      expect(forward.dims).toEqual(plainForward.dims);
      expect(await own.forward(batch, { inGradient: true })).toEqual(got.logits);
    },
  );

  it("compute the forward pass of a large image", async () => {
    const given: BlockNetwork = { image: [80, 79, 81], channels: [1, 3, 4], batch: "batch" };
    const batch = images(1, [1, ...given.image]);
    const [own, plain] = [open(given, runtimeWith(true, 2)), open(given, runtimeWith(false, 2))];
    expect(distance(await own.forward(batch), await plain.forward(batch))).toBeLessThan(2e-6);
    expect(own.kernelUses?.()[0]?.blocks).toBe(2);
  });

  it("give integrated gradients, also of two images at once and after an abort", async () => {
    const given: BlockNetwork = { image: [80, 79, 81], channels: [1, 3, 4], batch: "batch" };
    const batch = images(2, [1, ...given.image]);
    const rows = rowsOf(batch);
    const [own, plain] = [open(given, runtimeWith(true, 2)), open(given, runtimeWith(false, 2))];
    const method = integratedGradients({ steps: 3, rule: "gausslegendre" });
    const expected = await method(plain, batch, 1);
    const aborted = new AbortController();
    const passes: number[] = [];
    const onPass = () => {
      passes.push(1);
      aborted.abort(new Error("enough"));
    };
    const watched = watchedModel(own, { signal: aborted.signal, onPass });
    await expect(method(watched, elementAt(rows, 0), 1)).rejects.toThrow("enough");
    expect(passes).toHaveLength(1);
    const found = await Promise.all(rows.map((row) => method(own, row, 1)));
    for (const [row, map] of rowsOf(expected.map).entries())
      expect(distance(found[row]?.map, map)).toBeLessThan(2e-6);
    for (const { delta } of found) expect(Math.abs(delta?.[0] ?? 1)).toBeLessThan(1);
    if (where !== "in Node") return;
    // One after the other, and from 0 on, where every position of a window is a maximum.
    const again = await method(own, elementAt(rows, 1), 1);
    expect(again.map.data).toEqual(found[1]?.map.data);
    const trapezoid = integratedGradients({ steps: 3, rule: "riemann_trapezoid" });
    const [fromZero, plainFromZero] = [
      await trapezoid(own, elementAt(rows, 0), 1),
      await trapezoid(plain, elementAt(rows, 0), 1),
    ];
    expect(distance(fromZero.map, plainFromZero.map)).toBeLessThan(2e-6);
  });

  it("give the same bits with any number of threads, image after image", async () => {
    const [, given] = networks[0] ?? ["", { image: [], channels: [], batch: 1 }];
    const batch = images(2, [1, ...given.image]);
    const one = await open(given, runtimeWith(true, 1)).gradient(batch, 0);
    const model = open(given, runtimeWith(true, 3));
    for (let round = 0; round < 3; round++) {
      const { gradient } = await model.gradient(batch, 0);
      expect(distance(gradient, one.gradient)).toBeLessThan(1e-6);
    }
  });

  const rules = networks.flatMap(([name, given]) => [
    ["guided backpropagation", guidedBackpropagation, name, given] as const,
    ["deconvolution", deconvolution, name, given] as const,
  ]);
  // In a short run each network has a rule, and each rule one and more channels.
  it.each(casesOf(rules, ([rule, , name]) => isShort(name) && (rule !== "deconvolution" || isTypical(name))))(
    "give the map of %s: $2",
    async (_, method, __, given) => {
      const batch = images(2, [given.channels[0] ?? 1, ...given.image]);
      const [own, plain] = [open(given, runtimeWith(true, 2)), open(given, runtimeWith(false, 2))];
      const [got, expected] = [await method(own, batch, 1), await method(plain, batch, 1)];
      expect(distance(got.map, expected.map)).toBeLessThan(2e-6);
      const gradient = await own.gradient(batch, 1);
      expect(distance(got.map, gradient.gradient)).toBeGreaterThan(0.1);
    },
  );

  const relevance = networks.flatMap(([name, given]) =>
    [...composites, "epsilon-plus with zeroBias" as const].map(
      (composite) => [composite, name, given] as const,
    ),
  );
  it.each(
    casesOf(
      relevance,
      ([composite, name]) =>
        (where === "in Node" && isTypical(name)) || (isShort(name) && composite === "epsilon-plus"),
    ),
  )("give the map of layer-wise relevance propagation, %s: %s", async (composite, _, given) => {
    const batch = images(2, [given.channels[0] ?? 1, ...given.image]);
    // Next to a denominator of 0 rounding counts for much.
    const method =
      composite === "epsilon-plus with zeroBias"
        ? lrp({ composite: "epsilon-plus", epsilon: 0.01, zeroBias: true })
        : lrp({ composite, epsilon: 0.01 });
    const [own, plain] = [open(given, runtimeWith(true, 2)), open(given, runtimeWith(false, 2))];
    const [got, expected] = [await method(own, batch, 1), await method(plain, batch, 1)];
    expect(distance(got.map, expected.map)).toBeLessThan(1e-5);
    for (const [n, missed] of (got.unexplained ?? []).entries()) {
      expect(missed).toBeCloseTo(expected.unexplained?.[n] ?? Number.NaN, 4);
    }
    const isByKernels = own.kernelUses?.().every(({ blocks }) => blocks > 0);
    // Natively, ONNX Runtime is faster on slices.
    expect(isByKernels).toBe(given.image.length === 3 || where !== "in Node");
  });

  it("compute what is in front of a layer whose gradient is asked for", async () => {
    const [, given] = networks[0] ?? ["", { image: [], channels: [], batch: 1 }];
    const batch = images(2, [1, ...given.image]);
    const own = open(given, runtimeWith(true, 2));
    const layer = own.layers.findLast(({ operator }) => operator === "Flatten")?.name ?? "";
    const plain = await open(given, runtimeWith(false, 2)).gradient(batch, 1, { layer });
    const got = await own.gradient(batch, 1, { layer });
    expect(distance(got.gradient, plain.gradient)).toBeLessThan(2e-6);
    expect(distance(got.values, plain.values)).toBeLessThan(2e-6);
    expect(distance(got.logits, plain.logits)).toBeLessThan(2e-6);
    // Not by ONNX Runtime alone, which would give its own bits.
    expect(got.values.data).not.toEqual(plain.values.data);
  });

  it("are reported for each kind of pass, with the reason where there are none", async () => {
    const [, given] = networks[0] ?? ["", { image: [], channels: [], batch: 1 }];
    const batch = images(1, [1, ...given.image]);
    const own = open(given, runtimeWith(true, 1));
    expect(own.kernelUses?.()).toEqual([]);
    await own.gradient(batch, 1);
    await own.forward(batch);
    const forward = ["winogradOne", "winogradMany", "winogradMany"];
    expect(own.kernelUses?.()).toEqual([
      {
        pass: "gradient",
        blocks: 3,
        kernels: { forward, gradient: ["gradientOne", "gradientMany", "gradientMany"] },
      },
      // In the browser the session of the gradient predicts, too. Natively, ONNX Runtime is as fast for a small image.
      ...(where === "in Node"
        ? [{ pass: "forward", blocks: 0, reason: "the first layers do not suit kernels" }]
        : []),
    ]);
    const off = open(given, runtimeWith(false, 1));
    await off.gradient(batch, 1);
    expect(off.kernelUses?.()).toEqual([{ pass: "gradient", blocks: 0, reason: "switched off" }]);
    const inner = open(given, runtimeWith(true, 1));
    const layer = inner.layers.find(({ operator }) => operator === "Relu")?.name ?? "";
    await inner.gradient(batch, 1, { layer });
    const reason = "the method needs the whole network in the runtime";
    expect(inner.kernelUses?.()).toEqual([{ pass: "gradient", blocks: 0, reason }]);
  });

  it("leave values inside the blocks to ONNX Runtime", async () => {
    const [, given] = networks[0] ?? ["", { image: [], channels: [], batch: 1 }];
    const batch = images(1, [1, ...given.image]);
    const own = open(given, runtimeWith(true, 2));
    const layer = own.layers.find(({ operator }) => operator === "Relu")?.name ?? "";
    const plain = await open(given, runtimeWith(false, 2)).gradient(batch, 1, { layer });
    const got = await own.gradient(batch, 1, { layer });
    expect(got.gradient.data).toEqual(plain.gradient.data);
  });
});

it.each(["cuda", "webgpu", "dml", "coreml"] as const)(
  "the provider %s gets no kernels in Node",
  (executionProvider) => {
    expect(nodeRuntime({ executionProvider, kernels: true }).lowering.kernels).toBeUndefined();
  },
);
