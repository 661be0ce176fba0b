import { type Tensor, tensor } from "@voxplain/core";
import { type GraphBuilder, graphBuilder, modelOf, type Network } from "@voxplain/onnx-graph";
import { type AttributionMethod, differentiableModel } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { everyMethod } from "./every-method.ts";

const dims = [1, 6, 6];
const runtime = directRuntime();

const wave = (lengths: readonly number[], scale: number, phase: number): Tensor<"float32"> => {
  const count = lengths.reduce((product, length) => product * length, 1);
  return tensor(
    "float32",
    lengths,
    Float32Array.from({ length: count }, (_, k) => scale * Math.sin(phase + 1.7 * k + 0.1 * k * k)),
  );
};

const image = wave([1, ...dims], 1, 0.3);

/** The features of a small network; its last layer has the weights of one logit, or of the scores [−x, x]. */
function network(lastLayer: "dense" | "convolution", isSpelledOut: boolean): Network {
  const graph = graphBuilder("one-logit");
  const input = graph.input("input", "float32", ["batch", ...dims]);
  const weight = (name: string, value: Tensor<"float32">) => graph.initializer(name, value);
  const first = graph.add("Conv", [
    input,
    weight("w1", wave([4, 1, 3, 3], 0.5, 1)),
    weight("b1", wave([4], 0.2, 2)),
  ]);
  const features = graph.add("Relu", [first], {}, { outputs: ["features"] });
  const both = ({ dims: [, ...rest], data }: Tensor<"float32">) =>
    tensor("float32", [2, ...rest], Float32Array.from([...data.map((value) => -value), ...data]));
  const layer = (value: Tensor<"float32">) => (isSpelledOut ? both(value) : value);
  const build = { dense, convolution }[lastLayer];
  const last = build(graph, features, layer);
  const logits = isSpelledOut
    ? last
    : graph.add("Concat", [graph.add("Neg", [last]), last], { axis: 1 }, { outputs: ["scores"] });
  graph.output(logits, "float32", ["batch", 2]);
  return { model: modelOf(graph.build()), input, logits, inputDims: dims, classCount: 2, decision: "binary" };
}

type OfLayer = (value: Tensor<"float32">) => Tensor<"float32">;

function dense(graph: GraphBuilder, features: string, layer: OfLayer): string {
  const flat = graph.add("Flatten", [features]);
  const weights = graph.initializer("w2", layer(wave([1, 64], 0.3, 3)));
  return graph.add("Gemm", [flat, weights, graph.initializer("b2", layer(wave([1], 0.3, 4)))], { transB: 1 });
}

/** As networks that segment have it: a value for every position, and their mean. */
function convolution(graph: GraphBuilder, features: string, layer: OfLayer): string {
  const weights = graph.initializer("w2", layer(wave([1, 4, 1, 1], 0.3, 3)));
  const grid = graph.add("Conv", [features, weights, graph.initializer("b2", layer(wave([1], 0.3, 4)))]);
  return graph.add("Flatten", [graph.add("GlobalAveragePool", [grid])]);
}

async function mapOf(which: Network, method: AttributionMethod, target: number): Promise<Float32Array> {
  const model = differentiableModel(which, runtime);
  try {
    return (await method(model, image, target)).map.data;
  } finally {
    await model.release();
  }
}

function expectSame(found: ArrayLike<number>, wanted: ArrayLike<number>): void {
  const largest = Math.max(...Array.from(wanted, Math.abs));
  expect(largest).toBeGreaterThan(0);
  // Float32, over some hundred products.
  for (let k = 0; k < wanted.length; k++) {
    expect(Math.abs(found[k]! - wanted[k]!)).toBeLessThan(1e-5 * largest);
  }
}

const choices = [
  ["gradients", {}],
  ["input-x-gradient", {}],
  ["guided-backpropagation", {}],
  ["deconvolution", {}],
  ["grad-cam", { layer: "features" }],
  ["grad-cam-plus-plus", { layer: "features" }],
  ["layercam", { layer: "features" }],
  ["deep-lift", {}],
  ["integrated-gradients", {}],
  ["occlusion", { window: [2] }],
  ["occlusion", { window: [2], score: "probability" }],
  ...[
    "epsilon-plus",
    "epsilon-plus-flat",
    "epsilon",
    "gamma",
    "z-plus",
    "alpha2-beta1",
    "epsilon-gamma-box",
  ].map((composite) => ["lrp", { composite }] as const),
] as const;

describe.each(["dense", "convolution"] as const)(
  "a network of one logit whose last layer is %s",
  (lastLayer) => {
    it.each(choices)(
      "has for both classes the maps of the network with outputs -x and x: %s %o",
      async (name, options) => {
        const method = everyMethod[name]!.create(options).compute;
        for (const target of [0, 1]) {
          const found = await mapOf(network(lastLayer, false), method, target);
          const wanted = await mapOf(network(lastLayer, true), method, target);
          if (wanted.every((value) => value === 0)) expect(found.every((value) => value === 0)).toBe(true);
          else expectSame(found, wanted);
        }
      },
    );

    it.each(["gradients", "integrated-gradients", "occlusion"] as const)(
      "has for class 0 the negative of the map for class 1: %s",
      async (name) => {
        const method = everyMethod[name]!.create(name === "occlusion" ? { window: [2] } : {}).compute;
        const one = await mapOf(network(lastLayer, false), method, 1);
        expectSame(
          await mapOf(network(lastLayer, false), method, 0),
          one.map((value) => -value),
        );
      },
    );
  },
);
