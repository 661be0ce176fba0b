import type { Architecture } from "../architecture.ts";
import { basicBlocks } from "../basic-blocks.ts";
import { requireFeatures } from "../convolution-blocks.ts";
import {
  batchNormalization,
  convolution,
  flatten,
  globalAveragePool,
  linear,
  logits,
  maxPool,
  relu,
} from "../layers.ts";

const name = "resnet18";

/** ResNet-18 of slices of any size, with a second fully connected layer and no ReLU between the two. */
export const resnet18: Architecture = {
  name,
  inputDims: undefined,
  axes: 2,
  build(network, slice) {
    let x = convolution(network, slice, "convolutions.0", 64, {
      kernel: 7,
      stride: 2,
      padding: 3,
      bias: false,
    });
    x = batchNormalization(network, x, "convolutions.1");
    x = relu(network, x, "convolutions.2");
    x = maxPool(network, x, "convolutions.3", { kernel: 3, stride: 2, padding: 1 });
    x = basicBlocks(network, x, (k) => `convolutions.${k + 4}`);
    const { trainedDims } = network;
    if (trainedDims !== undefined) {
      // The average was taken over the whole grid of the training, in a window of that size: the weights do not show it.
      const grid = trainedDims.slice(1).map((length) => Math.ceil(length / 32));
      requireFeatures(network, x, [512, ...grid], { name, inputDims: trainedDims });
    }
    x = globalAveragePool(network, x, "convolutions.8");
    x = linear(network, flatten(network, x, "fc.0"), "fc.1", 1000);
    return logits(network, x, "fc.fc_out");
  },
};
