import { VoxplainError } from "@voxplain/core";
import { batchNormalization, type ConvolutionOptions, convolution, padMaxPool, relu } from "./layers.ts";
import { type NetworkBuilder, sizeText, type Value } from "./network-builder.ts";

/** Conv, BatchNorm, ReLU and PadMaxPool, once per number of channels: `<key>.0` to `<key>.<4n − 1>`. */
export function convolutionBlocks(
  network: NetworkBuilder,
  image: Value,
  key: string,
  channels: readonly number[],
  options?: ConvolutionOptions,
): Value {
  let x = image;
  for (const [k, outChannels] of channels.entries()) {
    x = convolution(network, x, `${key}.${4 * k}`, outChannels, options);
    x = batchNormalization(network, x, `${key}.${4 * k + 1}`);
    x = relu(network, x, `${key}.${4 * k + 2}`);
    x = padMaxPool(network, x, `${key}.${4 * k + 3}`);
  }
  return x;
}

/**
 * Guards the step to fully connected layers, whose weights are made for one grid.
 * @throws VoxplainError `mismatch` naming the size expected and the one found.
 */
export function requireFeatures(
  network: NetworkBuilder,
  features: Value,
  expected: readonly number[],
  made: { readonly name: string; readonly inputDims: readonly number[] },
): void {
  if (sizeText(features.dims) === sizeText(expected)) return;
  throw new VoxplainError(
    "mismatch",
    `an input of ${network.inputSize} does not fit ${made.name}, which takes inputs of ${sizeText(made.inputDims)}: wrong ` +
      "shape before the fully connected layers",
    { expected: sizeText(expected), found: sizeText(features.dims) },
  );
}
