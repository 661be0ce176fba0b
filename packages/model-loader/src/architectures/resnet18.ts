import type { Feature, Layers } from "../layers.ts";
import type { Architecture } from "./architecture.ts";

/**
 * ResNet-18 on slices of three equal channels, with torchvision's names, and a second fully connected
 * layer. He et al. 2016, arXiv:1512.03385.
 */
export const resnet18: Architecture = {
  inputDims: [3, 224, 224],
  build(layers, input) {
    let x = layers.convolution(input, "conv1", 64, { kernel: 7, stride: 2, padding: 3, bias: false });
    x = layers.relu(layers.batchNormalization(x, "bn1"), "relu");
    x = layers.maxPool(x, "maxpool", { kernel: 3, stride: 2, padding: 1 });
    for (const [k, channels] of [64, 128, 256, 512].entries()) {
      x = residualBlock(layers, x, `layer${k + 1}.0`, channels, k === 0 ? 1 : 2);
      x = residualBlock(layers, x, `layer${k + 1}.1`, channels, 1);
    }
    x = layers.averagePool(x, "avgpool", { kernel: 7, stride: 1 });
    x = layers.linear(layers.flatten(x, "flatten"), "fc", 1000);
    return layers.linear(x, "fc_out");
  },
};

function residualBlock(
  layers: Layers,
  input: Feature,
  name: string,
  channels: number,
  stride: number,
): Feature {
  const convolution = (x: Feature, key: string, step: number) =>
    layers.convolution(x, `${name}.${key}`, channels, { stride: step, padding: 1, bias: false });
  let x = layers.batchNormalization(convolution(input, "conv1", stride), `${name}.bn1`);
  x = layers.relu(x, `${name}.relu1`);
  x = layers.batchNormalization(convolution(x, "conv2", 1), `${name}.bn2`);
  return layers.relu(
    layers.add(x, shortcut(layers, input, name, channels, stride), `${name}.add`),
    `${name}.relu`,
  );
}

function shortcut(layers: Layers, input: Feature, name: string, channels: number, stride: number): Feature {
  if (stride === 1 && input.dims[0] === channels) return input;
  const options = { kernel: 1, stride, bias: false };
  return layers.batchNormalization(
    layers.convolution(input, `${name}.downsample.0`, channels, options),
    `${name}.downsample.1`,
  );
}
