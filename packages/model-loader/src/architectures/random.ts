import type { ConvolutionBlock, Normalization, RandomArchitectureSettings } from "../settings/settings.ts";
import type { Architecture } from "./architecture.ts";
import {
  batchNormalization,
  convolution,
  flatten,
  instanceNormalization,
  leakyRelu,
  linear,
  logits,
  padMaxPool,
} from "./layers.ts";
import type { NetworkBuilder, Value } from "./network-builder.ts";

export const randomArchitectureName = "RandomArchitecture";

/** What the two halves of a network are called in its state dict. */
export interface HalvesKeys {
  readonly convolutions: string;
  readonly fullyConnected: string;
}

/**
 * A network that ClinicaDL's random search drew, 2D or 3D after its input. The widths of the fully
 * connected layers are those of the state dict.
 */
export function randomArchitecture(settings: RandomArchitectureSettings, keys: HalvesKeys): Architecture {
  const { convolutions, fullyConnectedBlocks, normalization } = settings;
  return {
    name: randomArchitectureName,
    inputDims: undefined,
    build(network, image) {
      let x = image;
      for (const block of convolutions) {
        const inChannels = block.inChannels ?? image.dims[0]!;
        x = convolutionBlock(
          network,
          x,
          `${keys.convolutions}.${block.name}`,
          block,
          inChannels,
          normalization,
        );
      }
      x = flatten(network, x, `${keys.fullyConnected}.0`);
      for (let k = 0; k < fullyConnectedBlocks - 1; k++) {
        const key = `${keys.fullyConnected}.FC${k}`;
        x = linear(network, x, `${key}.0`, network.given(`${key}.0.weight`)?.[0] ?? 1);
        x = leakyRelu(network, x, `${key}.1`);
      }
      return logits(network, x, `${keys.fullyConnected}.FC${fullyConnectedBlocks - 1}.0`);
    },
  };
}

/** All convolutions of a block keep the number of channels, but the last, which also halves the grid. */
function convolutionBlock(
  network: NetworkBuilder,
  input: Value,
  key: string,
  { outChannels, convolutionCount, reduction }: ConvolutionBlock,
  inChannels: number,
  normalization: Normalization,
): Value {
  let layer = 0;
  const next = () => `${key}.${layer++}`;
  let x = input;
  for (let k = 1; k <= convolutionCount; k++) {
    const last = k === convolutionCount;
    x = convolution(network, x, next(), last ? outChannels : inChannels, {
      stride: last && reduction === "stride" ? 2 : 1,
    });
    if (normalization === "BatchNorm") x = batchNormalization(network, x, next());
    if (normalization === "InstanceNorm") x = instanceNormalization(network, x, next());
    x = leakyRelu(network, x, next());
  }
  return reduction === "MaxPooling" ? padMaxPool(network, x, next()) : x;
}
