import type { Architecture } from "../architecture.ts";
import { requireFeatures } from "../convolution-blocks.ts";
import { batchNormalization, convolution, flatten, leakyRelu, logits, maxPool } from "../layers.ts";

const name = "ConvNet";
const inputDims = [1, 128, 128];

/** The network of Shepp-Logan phantoms, 2D. */
export const convNet: Architecture = {
  name,
  inputDims,
  build(network, image) {
    let x = image;
    for (const [k, channels] of [8, 16, 32, 64, 64].entries()) {
      const layer = (j: number) => `features.${5 * k + j}`;
      x = convolution(network, x, layer(0), channels);
      x = convolution(network, x, layer(1), channels);
      x = batchNormalization(network, x, layer(2));
      x = leakyRelu(network, x, layer(3));
      x = maxPool(network, x, layer(4), { kernel: 2, stride: 2 });
    }
    requireFeatures(network, x, [64, 4, 4], { name, inputDims });
    return logits(network, flatten(network, x, "classifier.0"), "classifier.2");
  },
};
