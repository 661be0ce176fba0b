import { elementCount, type NamedTensors, tensor } from "@voxplain/core";
import { leadingBlocks } from "@voxplain/lowering";
import { differentiate } from "@voxplain/onnx-autodiff";
import { encodeModel, graphBuilder, type Model, modelOf, type OperatorName } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { blockKernels } from "../src/index.ts";
import { distance, fill, head, randomNumbers } from "./examples.ts";

interface Layers {
  readonly dims: readonly number[];
  readonly channels: readonly number[];
  readonly kernel?: number;
  readonly strides?: number;
  readonly activation?: "Relu" | "LeakyRelu" | "PRelu" | "none";
  readonly normalized?: boolean;
  /** Zeros in front of odd lengths, then windows of two. */
  readonly padded?: boolean;
  readonly pooling?: readonly [
    operator: OperatorName,
    attributes: Readonly<Record<string, number | number[]>>,
  ];
}

/** The blocks as a graph, from x to y. */
function network(
  { dims, channels, kernel = 3, strides = 1, ...layers }: Layers,
  random: () => number,
): Model {
  const { activation = "Relu", normalized = true, padded = true, pooling } = layers;
  const graph = graphBuilder("blocks");
  const each = (value: number) => dims.map(() => value);
  const weight = (size: readonly number[], scale: number, offset = 0) =>
    graph.constant(
      tensor(
        "float32",
        size,
        fill(elementCount(size), () => offset + scale * (2 * random() - 1)),
      ),
    );
  let x = graph.input("x", "float32", ["batch", channels[0] ?? 1, ...dims]);
  let lengths = dims;
  channels.slice(1).forEach((outputs, k) => {
    const inputs = channels[k] ?? 1;
    const pad = kernel >> 1;
    const scale = Math.sqrt(3 / (inputs * kernel ** dims.length));
    x = graph.add("Conv", [x, weight([outputs, inputs, ...each(kernel)], scale), weight([outputs], 0.1)], {
      kernel_shape: each(kernel),
      pads: [...each(pad), ...each(pad)],
      strides: each(strides),
    });
    lengths = lengths.map((length) => Math.floor((length + 2 * pad - kernel) / strides) + 1);
    if (normalized) {
      const values = [weight([outputs], 0.3, 1), weight([outputs], 0.2), weight([outputs], 0.1)];
      x = graph.add("BatchNormalization", [x, ...values, weight([outputs], 0.3, 1)]);
    }
    if (activation === "Relu") x = graph.add("Relu", [x]);
    if (activation === "LeakyRelu") x = graph.add("LeakyRelu", [x], { alpha: 0.1 });
    if (activation === "PRelu") x = graph.add("PRelu", [x, weight([outputs, ...each(1)], 0.4, 0.5)]);
    if (padded) {
      const front = lengths.map((length) => length % 2);
      x = graph.add("Pad", [x, graph.int64([0, 0, ...front, 0, 0, ...each(0)])], { mode: "constant" });
      x = graph.add("MaxPool", [x], { kernel_shape: each(2), strides: each(2) });
      lengths = lengths.map((length) => Math.ceil(length / 2));
    } else if (pooling) x = graph.add(pooling[0], [x], pooling[1]);
  });
  graph.output(graph.add("Sin", [x], {}, { outputs: ["y"] }), "float32", undefined);
  return modelOf(graph.build());
}

async function run(model: Model, feeds: NamedTensors): Promise<NamedTensors> {
  const session = await directRuntime().createSession(await encodeModel(model));
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

const pool = (window: number, pad: number, dims: readonly number[], other = {}) => ({
  kernel_shape: dims.map(() => window),
  strides: dims.map(() => 2),
  pads: [...dims, ...dims].map(() => pad),
  ...other,
});
const cases: readonly (readonly [string, Layers])[] = [
  ["ClinicaDL's first two blocks", { dims: [17, 20, 19], channels: [1, 8, 16] }],
  ["the same with a slope", { dims: [18, 19, 21], channels: [1, 8, 16], activation: "LeakyRelu" }],
  ["three channels, a slope per channel", { dims: [9, 12, 17], channels: [3, 5], activation: "PRelu" }],
  ["four channels without normalization", { dims: [8, 9, 18], channels: [4, 4, 2], normalized: false }],
  [
    "rounding up",
    {
      dims: [9, 11, 17],
      channels: [1, 4, 3],
      padded: false,
      pooling: ["MaxPool", pool(2, 0, [1, 1, 1], { ceil_mode: 1 })],
    },
  ],
  [
    "the beginning of ResNet",
    {
      dims: [33, 41],
      channels: [3, 8],
      kernel: 7,
      strides: 2,
      padded: false,
      pooling: ["MaxPool", pool(3, 1, [1, 1])],
    },
  ],
  [
    "averages",
    {
      dims: [9, 12, 11],
      channels: [1, 3],
      padded: false,
      activation: "PRelu",
      pooling: ["AveragePool", pool(2, 1, [1, 1, 1])],
    },
  ],
  [
    "averages with the padding",
    {
      dims: [9, 12, 11],
      channels: [1, 3],
      padded: false,
      pooling: ["AveragePool", pool(3, 1, [1, 1, 1], { count_include_pad: 1 })],
    },
  ],
  ["no pooling", { dims: [9, 8, 7], channels: [2, 3, 2], padded: false, activation: "LeakyRelu" }],
  ["no activation", { dims: [9, 8, 17], channels: [1, 3, 2], activation: "none" }],
];

describe("kernels and the graph behind them", () => {
  it.each(cases)("compute what ONNX Runtime computes from the whole graph: %s", async (_, layers) => {
    const random = randomNumbers(4);
    const model = network(layers, random);
    const [channels = 1] = layers.channels;
    const x = head(layers.dims, channels, random);
    const image = tensor("float32", [1, channels, ...layers.dims], x);
    const found = await leadingBlocks(model, "x");
    expect(found?.blocks.length).toBe(layers.channels.length - 1);
    if (!found) return;
    const whole = differentiate(model, { output: "y", withRespectTo: ["x"] });
    const kernels = blockKernels(found.blocks, found.inputDims);
    expect(kernels.cutDims).toEqual(found.cutDims);
    const cotangent = tensor("float32", [1, ...found.cutDims], fill(elementCount(found.cutDims), random));
    const expected = await run(whole.model, { x: image, [whole.cotangent]: cotangent });
    const rest = differentiate(found.rest, { output: "y", withRespectTo: [found.cut] });
    kernels.input.set(x);
    kernels.forward();
    const results = await run(rest.model, {
      [found.cut]: tensor("float32", [1, ...found.cutDims], kernels.cut.slice()),
      [rest.cotangent]: cotangent,
    });
    kernels.cutGradient.set(results[rest.gradients[found.cut] ?? ""]?.data as Float32Array);
    kernels.backward();
    // Both round float32 sums, each by about 1e-7 of their size.
    expect(distance(results.y?.data as Float32Array, expected.y?.data as Float32Array)).toBeLessThan(1e-6);
    const gradient = expected[whole.gradients.x ?? ""]?.data as Float32Array;
    expect(distance(kernels.gradient, gradient)).toBeLessThan(1e-6);
  });
});
