import type { Architecture } from "../architecture.ts";
import { convolutionBlocks, requireFeatures } from "../convolution-blocks.ts";
import { flatten, linear, logits, relu } from "../layers.ts";

const name = "Conv4_FC3";
const inputDims = [1, 50, 50, 50];

/** The network of patches and ROIs; its convolutions do not pad. */
export const conv4Fc3: Architecture = {
  name,
  inputDims,
  build(network, patch) {
    let x = convolutionBlocks(network, patch, "features", [15, 25, 50, 50], { padding: 0 });
    requireFeatures(network, x, [50, 2, 2, 2], { name, inputDims });
    x = flatten(network, x, "classifier.0");
    x = linear(network, x, "classifier.2", 50);
    x = relu(network, x, "classifier.3");
    x = linear(network, x, "classifier.5", 40);
    x = relu(network, x, "classifier.6");
    return logits(network, x, "classifier.7");
  },
};
