import type { Architecture } from "./architecture.ts";
import { conv5Fc3 } from "./convolutional.ts";

/**
 * The features of Conv5_FC3, a Gaussian bottleneck and two fully connected layers. At inference the
 * code is its mean, so the branch of the variance takes no part; its weights must be there all the same.
 */
export const vconv5Fc3: Architecture = {
  inputDims: conv5Fc3.inputDims,
  build(layers, input) {
    let x = input;
    for (const [block, outputs] of [8, 16, 32, 64, 128].entries()) {
      const layer = (offset: number) => `features.${4 * block + offset}`;
      x = layers.convolution(x, layer(0), outputs, { padding: 1 });
      x = layers.batchNormalization(x, layer(1));
      x = layers.relu(x, layer(2));
      x = layers.paddedMaxPool(x, layer(3));
    }
    const features = layers.flatten(x, "fc_mu.0");
    layers.linear(features, "fc_var.1", 1300);
    const code = layers.linear(features, "fc_mu.1", 1300);
    const hidden = layers.relu(layers.linear(code, "classifier.0", 50), "classifier.1");
    return layers.linear(hidden, "classifier.2");
  },
};
