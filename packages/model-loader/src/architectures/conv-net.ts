import type { Architecture } from "./architecture.ts";

/** The network of the Shepp-Logan phantoms, 2D: each block has two convolutions before its normalisation. */
export const convNet: Architecture = {
  inputDims: [1, 128, 128],
  build(layers, input) {
    let x = input;
    for (const [block, channels] of [8, 16, 32, 64, 64].entries()) {
      const layer = (offset: number) => `features.${5 * block + offset}`;
      x = layers.convolution(x, layer(0), channels, { padding: 1 });
      x = layers.convolution(x, layer(1), channels, { padding: 1 });
      x = layers.batchNormalization(x, layer(2));
      x = layers.leakyRelu(x, layer(3));
      x = layers.maxPool(x, layer(4), { kernel: 2, stride: 2, padding: 0 });
    }
    return layers.linear(layers.flatten(x, "classifier.0"), "classifier.2");
  },
};
