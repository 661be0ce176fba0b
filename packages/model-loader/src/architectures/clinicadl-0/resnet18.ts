import type { Architecture } from "../architecture.ts";
import { basicBlocks } from "../basic-blocks.ts";
import { requireFeatures } from "../convolution-blocks.ts";
import {
  averagePool,
  batchNormalization,
  convolution,
  flatten,
  linear,
  logits,
  maxPool,
  relu,
} from "../layers.ts";

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
    x = basicBlocks(network, x, (k) => `layer${k + 1}`);
    requireFeatures(network, x, [512, 7, 7], { name, inputDims });
    x = averagePool(network, x, "avgpool", { kernel: 7, stride: 1 });
    x = linear(network, flatten(network, x, "flatten"), "fc", 1000);
    return logits(network, x, "fc_out");
  },
};
