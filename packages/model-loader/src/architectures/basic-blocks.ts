import { add, batchNormalization, convolution, relu } from "./layers.ts";
import type { NetworkBuilder, Value } from "./network-builder.ts";

/** The four layers of ResNet-18 (He et al. 2016), of two basic blocks each, under torchvision's names. */
export function basicBlocks(network: NetworkBuilder, features: Value, key: (layer: number) => string): Value {
  let x = features;
  for (const [k, channels] of [64, 128, 256, 512].entries()) {
    x = basicBlock(network, x, `${key(k)}.0`, channels, k === 0 ? 1 : 2);
    x = basicBlock(network, x, `${key(k)}.1`, channels, 1);
  }
  return x;
}

function basicBlock(network: NetworkBuilder, x: Value, key: string, channels: number, stride: number): Value {
  let y = convolution(network, x, `${key}.conv1`, channels, { stride, bias: false });
  y = batchNormalization(network, y, `${key}.bn1`);
  y = relu(network, y, `${key}.relu1`);
  y = convolution(network, y, `${key}.conv2`, channels, { bias: false });
  y = batchNormalization(network, y, `${key}.bn2`);
  let shortcut = x;
  if (stride !== 1 || x.dims[0] !== channels) {
    const options = { kernel: 1, stride, padding: 0, bias: false };
    shortcut = convolution(network, x, `${key}.downsample.0`, channels, options);
    shortcut = batchNormalization(network, shortcut, `${key}.downsample.1`);
  }
  return relu(network, add(network, y, shortcut, `${key}.add`), key);
}
