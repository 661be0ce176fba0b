import type { Architecture } from "./architecture.ts";

interface Settings {
  /** Input of the training, without the batch. */
  readonly inputDims: readonly number[];
  /** Channels after each block. */
  readonly channels: readonly number[];
  readonly padding: number;
  /** Sizes of the hidden fully connected layers, and their numbers in `classifier`. */
  readonly hidden: readonly number[];
  readonly keys: readonly number[];
}

/** Blocks of convolution 3×3×3, batch normalisation, ReLU and pooling; then fully connected layers. */
function convolutional({ inputDims, channels, padding, hidden, keys }: Settings): Architecture {
  return {
    inputDims,
    build(layers, input) {
      let x = input;
      for (const [block, outputs] of channels.entries()) {
        const layer = (offset: number) => `features.${4 * block + offset}`;
        x = layers.convolution(x, layer(0), outputs, { padding });
        x = layers.batchNormalization(x, layer(1));
        x = layers.relu(x, layer(2));
        x = layers.paddedMaxPool(x, layer(3));
      }
      x = layers.flatten(x, "classifier.0");
      for (const [k, size] of hidden.entries()) {
        x = layers.linear(x, `classifier.${keys[k]}`, size);
        x = layers.relu(x, `classifier.${keys[k]! + 1}`);
      }
      return layers.linear(x, `classifier.${keys[hidden.length]}`);
    },
  };
}

const five = [8, 16, 32, 64, 128];
const common = { padding: 1, keys: [2, 4, 6] };

export const conv5Fc3 = convolutional({
  ...common,
  inputDims: [1, 169, 208, 179],
  channels: five,
  hidden: [1300, 50],
});
export const conv5Fc3Mni = convolutional({
  ...common,
  inputDims: [1, 121, 145, 121],
  channels: five,
  hidden: [1300, 50],
});
export const conv5Fc3Down = convolutional({
  ...common,
  inputDims: [1, 85, 104, 90],
  channels: five,
  hidden: [350, 25],
});
export const conv6Fc3 = convolutional({
  ...common,
  inputDims: [1, 169, 208, 179],
  channels: [...five, 256],
  hidden: [1000, 50],
});
/** Sees patches and ROIs; dropout stands between its fully connected layers. */
export const conv4Fc3 = convolutional({
  inputDims: [1, 50, 50, 50],
  channels: [15, 25, 50, 50],
  padding: 0,
  hidden: [50, 40],
  keys: [2, 5, 7],
});
