import type { Architecture } from "../architecture.ts";
import { convolutionBlocks, requireFeatures } from "../convolution-blocks.ts";
import { fullyConnectedLayers } from "../fully-connected-layers.ts";

/**
 * Networks of whole images, from ClinicaDL 0.2: convolution blocks that halve the image, then three
 * fully connected layers. They differ in depth, in the grid that is left, and in their widths.
 */
function imageCnn(
  name: string,
  inputDims: readonly number[],
  channels: readonly number[],
  grid: readonly number[],
  widths: readonly [number, number],
): Architecture {
  return {
    name,
    inputDims,
    build(network, image) {
      const x = convolutionBlocks(network, image, "features", channels);
      requireFeatures(network, x, [channels.at(-1)!, ...grid], { name, inputDims });
      return fullyConnectedLayers(network, x, "classifier", widths);
    },
  };
}

const five = [8, 16, 32, 64, 128];

export const conv5Fc3 = imageCnn("Conv5_FC3", [1, 169, 208, 179], five, [6, 7, 6], [1300, 50]);
export const conv5Fc3Mni = imageCnn("Conv5_FC3_mni", [1, 121, 145, 121], five, [4, 5, 4], [1300, 50]);
export const conv5Fc3Down = imageCnn("Conv5_FC3_down", [1, 85, 104, 90], five, [3, 4, 3], [350, 25]);
export const conv6Fc3 = imageCnn("Conv6_FC3", [1, 169, 208, 179], [...five, 256], [3, 4, 3], [1000, 50]);
