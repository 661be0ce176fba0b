import type { Architecture } from "../architecture.ts";
import { convolutionBlocks } from "../convolution-blocks.ts";
import { fullyConnectedLayers } from "../fully-connected-layers.ts";
import { batchNormalization, convolution, relu } from "../layers.ts";
import type { NetworkBuilder, Value } from "../network-builder.ts";

type Convolutions = (network: NetworkBuilder, image: Value) => Value;

const channels = [8, 16, 32, 64, 128];

/** Five blocks that pool. */
export const pooled: Convolutions = (network, image) =>
  convolutionBlocks(network, image, "convolutions", channels);

/** Five blocks whose convolutions make the grid half as long. */
const strided: Convolutions = (network, image) => {
  let x = image;
  for (const [k, outChannels] of channels.entries()) {
    x = convolution(network, x, `convolutions.${3 * k}`, outChannels, { stride: 2 });
    x = batchNormalization(network, x, `convolutions.${3 * k + 1}`);
    x = relu(network, x, `convolutions.${3 * k + 2}`);
  }
  return x;
};

/** Networks of ClinicaDL 1.x for images of any size, 2D and 3D: five blocks, then three fully connected layers. */
function cnn(name: string, convolutions: Convolutions, widths: readonly [number, number]): Architecture {
  return {
    name,
    inputDims: undefined,
    build: (network, image) => fullyConnectedLayers(network, convolutions(network, image), "fc", widths),
  };
}

export const conv5Fc3 = cnn("Conv5_FC3", pooled, [1300, 50]);
export const conv4Fc3 = cnn("Conv4_FC3", pooled, [50, 40]);
export const strideConv5Fc3 = cnn("Stride_Conv5_FC3", strided, [1300, 50]);
