import {
  add,
  averagePool,
  batchNormalization,
  convolution,
  flatten,
  linear,
  logits,
  maxPool,
  relu,
} from "../../layers.ts";
import type { NetworkBuilder, Value } from "../../network-builder.ts";
import type { Architecture } from "../architecture.ts";
import { requireFeatures } from "../convolution-blocks.ts";

const name = "resnet18";
const inputDims = [3, 224, 224];

/** ResNet-18 (He et al. 2016, torchvision's names) of slices, with a second fully connected layer. */
export const resnet18: Architecture = {
  name,
  inputDims,
  build(network, slice) {
    let x = convolution(network, slice, "conv1", 64, { kernel: 7, stride: 2, padding: 3, bias: false });
    x = batchNormalization(network, x, "bn1");
    x = relu(network, x, "relu");
    x = maxPool(network, x, "maxpool", { kernel: 3, stride: 2, padding: 1 });
    for (const [k, channels] of [64, 128, 256, 512].entries()) {
      x = residualBlock(network, x, `layer${k + 1}.0`, channels, k === 0 ? 1 : 2);
      x = residualBlock(network, x, `layer${k + 1}.1`, channels, 1);
    }
    requireFeatures(network, x, [512, 7, 7], { name, inputDims });
    x = averagePool(network, x, "avgpool", { kernel: 7, stride: 1 });
    x = linear(network, flatten(network, x, "flatten"), "fc", 1000);
    return logits(network, x, "fc_out");
  },
};

function residualBlock(
  network: NetworkBuilder,
  x: Value,
  key: string,
  channels: number,
  stride: number,
): Value {
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
