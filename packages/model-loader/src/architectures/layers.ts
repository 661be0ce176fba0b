import { elementAt, elementCount, tensor } from "@voxplain/core";
import { type AttributeValues, type OperatorName, paddingZero } from "@voxplain/onnx-graph";
import { type NetworkBuilder, requireRoom, type Value } from "./network-builder.ts";

/**
 * PyTorch's layers as ONNX nodes. A node and its output bear the layer's name in the state dict,
 * `key`, so that a layer can be asked for by the name that its author knows.
 */

const epsilon = { float: 1e-5 };
const negativeSlope = { float: 0.01 };

export interface ConvolutionOptions {
  readonly kernel?: number;
  readonly stride?: number;
  readonly padding?: number;
  readonly bias?: boolean;
}

/** Conv2d or Conv3d, after the input's rank; kernel 3, stride 1, padding 1 and a bias by default. */
export function convolution(
  network: NetworkBuilder,
  x: Value,
  key: string,
  outChannels: number,
  { kernel = 3, stride = 1, padding = 1, bias = true }: ConvolutionOptions = {},
): Value {
  const [inChannels = 0, ...spatial] = x.dims;
  const axes = spatial.map(() => 1);
  const inputs = [
    x.name,
    network.weight(`${key}.weight`, [outChannels, inChannels, ...axes.map(() => kernel)]),
  ];
  if (bias) inputs.push(network.weight(`${key}.bias`, [outChannels]));
  const dims = [outChannels, ...spatial.map((length) => windows(length, kernel, stride, padding))];
  return emit(network, "Conv", inputs, key, dims, {
    kernel_shape: axes.map(() => kernel),
    strides: axes.map(() => stride),
    pads: [...axes, ...axes].map(() => padding),
  });
}

/** BatchNorm2d or BatchNorm3d at inference: running statistics. */
export function batchNormalization(network: NetworkBuilder, x: Value, key: string): Value {
  const weights = ["weight", "bias", "running_mean", "running_var"].map((leaf) =>
    network.weight(`${key}.${leaf}`, [elementAt(x.dims, 0)]),
  );
  return emit(network, "BatchNormalization", [x.name, ...weights], key, x.dims, { epsilon });
}

/** InstanceNorm2d or InstanceNorm3d as PyTorch makes them: no weights, statistics of the instance. */
export function instanceNormalization(network: NetworkBuilder, x: Value, key: string): Value {
  const channels = elementAt(x.dims, 0);
  const constant = (value: number) =>
    network.graph.constant(tensor("float32", [channels], new Float32Array(channels).fill(value)));
  return emit(network, "InstanceNormalization", [x.name, constant(1), constant(0)], key, x.dims, { epsilon });
}

export function relu(network: NetworkBuilder, x: Value, key: string): Value {
  return emit(network, "Relu", [x.name], key, x.dims);
}

export function leakyRelu(network: NetworkBuilder, x: Value, key: string): Value {
  return emit(network, "LeakyRelu", [x.name], key, x.dims, { alpha: negativeSlope });
}

export function elu(network: NetworkBuilder, x: Value, key: string): Value {
  return emit(network, "Elu", [x.name], key, x.dims);
}

export function sigmoid(network: NetworkBuilder, x: Value, key: string): Value {
  return emit(network, "Sigmoid", [x.name], key, x.dims);
}

export interface PoolingOptions {
  readonly kernel: number;
  readonly stride: number;
  readonly padding?: number;
}

export function maxPool(network: NetworkBuilder, x: Value, key: string, options: PoolingOptions): Value {
  return pool(network, "MaxPool", x, key, options);
}

export function averagePool(network: NetworkBuilder, x: Value, key: string, options: PoolingOptions): Value {
  return pool(network, "AveragePool", x, key, options);
}

/** The mean of each channel over the whole grid, which is left with one element along each axis. */
export function globalAveragePool(network: NetworkBuilder, x: Value, key: string): Value {
  const [channels = 0, ...spatial] = x.dims;
  return emit(network, "GlobalAveragePool", [x.name], key, [channels, ...spatial.map(() => 1)]);
}

/**
 * ClinicaDL's PadMaxPool(2, 2): one zero in front of each odd axis, then windows of two. After a
 * LeakyReLU the zeros can be the maximum, so this is not max-pooling with padding of its own.
 */
export function padMaxPool(network: NetworkBuilder, x: Value, key: string): Value {
  const [channels = 0, ...spatial] = x.dims;
  const front = spatial.map((length) => length % 2);
  const pooling = { kernel: 2, stride: 2 };
  if (!front.includes(1)) return maxPool(network, x, key, pooling);
  const pads = network.graph.int64([0, 0, ...front, 0, 0, ...spatial.map(() => 0)]);
  const dims = [channels, ...spatial.map((length, axis) => length + elementAt(front, axis))];
  const padded = emit(network, "Pad", [x.name, pads, paddingZero(network.graph)], `${key}.pad`, dims, {
    mode: "constant",
  });
  return maxPool(network, padded, key, pooling);
}

export function flatten(network: NetworkBuilder, x: Value, key: string): Value {
  return emit(network, "Flatten", [x.name], key, [elementCount(x.dims)], { axis: 1 });
}

export function linear(network: NetworkBuilder, x: Value, key: string, outFeatures: number): Value {
  return emit(network, "Gemm", [x.name, ...linearWeights(network, x, key, outFeatures)], key, [outFeatures], {
    transB: 1,
  });
}

/**
 * The last layer: it is as wide as the settings of the training say, else as the state dict does. Its output is called
 * "logits"; where the network has other outputs after the classes, they are cut off.
 */
export function logits(
  network: NetworkBuilder,
  x: Value,
  key: string,
  outputs = network.outputSize ?? network.given(`${key}.weight`)?.[0] ?? network.classOutputs ?? 2,
): Value {
  const { classOutputs = outputs } = network;
  if (outputs <= classOutputs) {
    const weights = linearWeights(network, x, key, outputs);
    const name = network.graph.add(
      "Gemm",
      [x.name, ...weights],
      { transB: 1 },
      { name: key, outputs: ["logits"] },
    );
    return { name, dims: [outputs] };
  }
  const all = linear(network, x, key, outputs);
  const [start, end, axis] = [[0], [classOutputs], [1]].map((value) => network.graph.int64(value));
  const name = network.graph.add("Slice", [all.name, start!, end!, axis!], {}, { outputs: ["logits"] });
  return { name, dims: [classOutputs] };
}

/** The sum of two branches. */
export function add(network: NetworkBuilder, a: Value, b: Value, key: string): Value {
  return emit(network, "Add", [a.name, b.name], key, a.dims);
}

/** Every channel of a grid multiplied by a factor of its own. */
export function gate(network: NetworkBuilder, x: Value, factors: Value, key: string): Value {
  const axes = network.graph.int64(x.dims.slice(1).map((_, axis) => axis + 2));
  const spread = network.graph.add("Unsqueeze", [factors.name, axes]);
  return emit(network, "Mul", [x.name, spread], key, x.dims);
}

function linearWeights(network: NetworkBuilder, x: Value, key: string, outFeatures: number): string[] {
  return [
    network.weight(`${key}.weight`, [outFeatures, elementAt(x.dims, 0)]),
    network.weight(`${key}.bias`, [outFeatures]),
  ];
}

function pool(
  network: NetworkBuilder,
  opType: OperatorName,
  x: Value,
  key: string,
  { kernel, stride, padding = 0 }: PoolingOptions,
): Value {
  const [channels = 0, ...spatial] = x.dims;
  const axes = spatial.map(() => 1);
  const dims = [channels, ...spatial.map((length) => windows(length, kernel, stride, padding))];
  return emit(network, opType, [x.name], key, dims, {
    kernel_shape: axes.map(() => kernel),
    strides: axes.map(() => stride),
    ...(padding > 0 && { pads: [...axes, ...axes].map(() => padding) }),
  });
}

/** How many windows fit along an axis. */
function windows(length: number, kernel: number, stride: number, padding: number): number {
  return Math.floor((length + 2 * padding - kernel) / stride) + 1;
}

function emit(
  network: NetworkBuilder,
  opType: OperatorName,
  inputs: readonly string[],
  key: string,
  dims: readonly number[],
  attributes: AttributeValues = {},
): Value {
  requireRoom(network, key, dims);
  const name = network.graph.add(opType, inputs, attributes, { name: key, outputs: [key] });
  return { name, dims };
}
