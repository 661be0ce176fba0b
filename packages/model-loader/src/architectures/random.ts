import type { RandomArchitecture, RandomBlock } from "../commandline.ts";
import type { Feature, Layers } from "../layers.ts";
import type { Architecture } from "./architecture.ts";

/** A network drawn by the random search, 2D or 3D after its input; the sizes of its layers are in the weights. */
export function randomArchitecture(settings: RandomArchitecture): Architecture {
  return {
    inputDims: undefined,
    build(layers, input) {
      let x = input;
      for (const block of settings.convolutions) x = randomBlock(layers, x, block, settings.normalization);
      x = layers.flatten(x, "classifier.0");
      const last = settings.fullyConnectedBlocks - 1;
      for (let k = 0; k < last; k++) {
        x = layers.leakyRelu(layers.linear(x, `classifier.FC${k}.0`), `classifier.FC${k}.1`);
      }
      return layers.linear(x, `classifier.FC${last}.0`);
    },
  };
}

/** All but the last convolution keep the channels; the last one changes them, and the size where it strides. */
function randomBlock(
  layers: Layers,
  input: Feature,
  block: RandomBlock,
  normalization: RandomArchitecture["normalization"],
): Feature {
  let position = 0;
  const key = () => `features.${block.name}.${position++}`;
  let x = input;
  for (let k = 0; k < block.convolutionCount; k++) {
    const last = k === block.convolutionCount - 1;
    const channels = last ? block.outChannels : (block.inChannels ?? input.dims[0]!);
    const stride = last && block.reduction === "stride" ? 2 : 1;
    x = layers.convolution(x, key(), channels, { padding: 1, stride });
    if (normalization === "BatchNorm") x = layers.batchNormalization(x, key());
    if (normalization === "InstanceNorm") x = layers.instanceNormalization(x, key());
    x = layers.leakyRelu(x, key());
  }
  return block.reduction === "MaxPooling" ? layers.paddedMaxPool(x, key()) : x;
}
