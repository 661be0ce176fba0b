import type { AttributeValue, Dim, GraphBuilder } from "@voxplain/onnx-graph";
import type { Weights } from "./weights.ts";

/** A value while a network is put together: its name and its shape without the batch, [C, …] or [features]. */
export interface Feature {
  readonly name: string;
  readonly dims: readonly number[];
}

/**
 * The pieces that the architectures are made of. Each takes its weights by their names in the state
 * dict, says which shapes it needs, and names its nodes after them, so that a layer can be asked for.
 */
export interface Layers {
  convolution(x: Feature, key: string, outputs: number, options?: ConvolutionOptions): Feature;
  batchNormalization(x: Feature, key: string): Feature;
  /** Without weights and running statistics. */
  instanceNormalization(x: Feature, name: string): Feature;
  relu(x: Feature, name: string): Feature;
  leakyRelu(x: Feature, name: string): Feature;
  /** Max-pooling of 2, stride 2, with a plane of zeros in front of every odd axis. */
  paddedMaxPool(x: Feature, name: string): Feature;
  maxPool(x: Feature, name: string, options: { kernel: number; stride: number; padding: number }): Feature;
  averagePool(x: Feature, name: string, options: { kernel: number; stride: number }): Feature;
  add(a: Feature, b: Feature, name: string): Feature;
  flatten(x: Feature, name: string): Feature;
  /** x·Wᵀ + b; `outputs` may be left to the weights. */
  linear(x: Feature, key: string, outputs?: number): Feature;
}

export interface ConvolutionOptions {
  readonly kernel?: number;
  readonly stride?: number;
  readonly padding?: number;
  readonly bias?: boolean;
}

export function layersOn(graph: GraphBuilder, weights: Weights): Layers {
  const node = (
    opType: string,
    name: string,
    inputs: readonly string[],
    dims: readonly number[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): Feature => ({ name: graph.add(opType, inputs, attributes, { name, outputs: [name] }), dims });
  const weight = (key: string, dims: readonly (number | undefined)[]) => weights.take(key, dims);
  const each = (spatial: readonly number[], value: number) => spatial.map(() => value);

  return {
    convolution({ name, dims: [channels, ...spatial] }, key, outputs, options = {}) {
      const { kernel = 3, stride = 1, padding = 0, bias = true } = options;
      const window = each(spatial, kernel);
      const inputs = [name, weight(`${key}.weight`, [outputs, channels, ...window])];
      if (bias) inputs.push(weight(`${key}.bias`, [outputs]));
      const lengths = spatial.map((length) => Math.floor((length + 2 * padding - kernel) / stride) + 1);
      return node("Conv", key, inputs, [outputs, ...lengths], {
        kernel_shape: window,
        strides: each(spatial, stride),
        pads: [...each(spatial, padding), ...each(spatial, padding)],
      });
    },
    batchNormalization({ name, dims }, key) {
      const parts = ["weight", "bias", "running_mean", "running_var"].map((part) =>
        weight(`${key}.${part}`, [dims[0]!]),
      );
      return node("BatchNormalization", key, [name, ...parts], dims, { epsilon: 1e-5 });
    },
    instanceNormalization({ name, dims }, key) {
      const filled = (value: number) =>
        graph.constant({ dtype: "float32", dims: [dims[0]!], data: new Float32Array(dims[0]!).fill(value) });
      return node("InstanceNormalization", key, [name, filled(1), filled(0)], dims, { epsilon: 1e-5 });
    },
    relu: ({ name, dims }, key) => node("Relu", key, [name], dims),
    leakyRelu: ({ name, dims }, key) => node("LeakyRelu", key, [name], dims, { alpha: 0.01 }),
    paddedMaxPool(x, name) {
      const [channels, ...spatial] = x.dims as [number, ...number[]];
      const odd = spatial.map((length) => length % 2);
      const padded = odd.some((amount) => amount > 0)
        ? graph.add(
            "Pad",
            [x.name, graph.int64([0, 0, ...odd, 0, 0, ...each(spatial, 0)])],
            { mode: "constant" },
            { name: `${name}.pad`, outputs: [`${name}.pad`] },
          )
        : x.name;
      const lengths = spatial.map((length) => Math.ceil(length / 2));
      const window = { kernel_shape: each(spatial, 2), strides: each(spatial, 2) };
      return node("MaxPool", name, [padded], [channels, ...lengths], window);
    },
    maxPool({ name, dims: [channels, ...spatial] }, key, { kernel, stride, padding }) {
      const lengths = spatial.map((length) => Math.floor((length + 2 * padding - kernel) / stride) + 1);
      return node("MaxPool", key, [name], [channels!, ...lengths], {
        kernel_shape: each(spatial, kernel),
        strides: each(spatial, stride),
        pads: [...each(spatial, padding), ...each(spatial, padding)],
      });
    },
    averagePool({ name, dims: [channels, ...spatial] }, key, { kernel, stride }) {
      const lengths = spatial.map((length) => Math.floor((length - kernel) / stride) + 1);
      return node("AveragePool", key, [name], [channels!, ...lengths], {
        kernel_shape: each(spatial, kernel),
        strides: each(spatial, stride),
      });
    },
    add: (a, b, name) => node("Add", name, [a.name, b.name], a.dims),
    flatten({ name, dims }, key) {
      const features = dims.reduce((product, length) => product * length, 1);
      return node("Flatten", key, [name], [features], { axis: 1 });
    },
    linear({ name, dims: [features] }, key, outputs) {
      const matrix = weight(`${key}.weight`, [outputs, features]);
      const size = weights.dims(`${key}.weight`)[0]!;
      return node("Gemm", key, [name, matrix, weight(`${key}.bias`, [size])], [size], { transB: 1 });
    },
  };
}

/** The shape of a value of the graph: a batch of features. */
export function batchOf(dims: readonly number[]): readonly Dim[] {
  return ["batch", ...dims];
}
