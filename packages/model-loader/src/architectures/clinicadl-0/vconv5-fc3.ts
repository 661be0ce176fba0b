import type { Architecture } from "../architecture.ts";
import { convolutionBlocks, requireFeatures } from "../convolution-blocks.ts";
import { flatten, linear, logits, relu } from "../layers.ts";

const name = "VConv5_FC3";
const inputDims = [1, 169, 208, 179];
const features = [128, 6, 7, 6];
const codeSize = 1300;

/** Conv5_FC3 with a Gaussian code before its classifier. At inference the code is its mean. */
export const vconv5Fc3: Architecture = {
  name,
  inputDims,
  build(network, image) {
    let x = convolutionBlocks(network, image, "features", [8, 16, 32, 64, 128]);
    requireFeatures(network, x, features, { name, inputDims });
    x = flatten(network, x, "fc_mu.0");
    network.unusedWeight("fc_var.1.weight", [codeSize, x.dims[0]!]);
    network.unusedWeight("fc_var.1.bias", [codeSize]);
    x = linear(network, x, "fc_mu.1", codeSize);
    x = linear(network, x, "classifier.0", 50);
    x = relu(network, x, "classifier.1");
    return logits(network, x, "classifier.2");
  },
};
