import type { Architecture } from "../architecture.ts";
import {
  add,
  batchNormalization,
  convolution,
  elu,
  flatten,
  gate,
  globalAveragePool,
  linear,
  logits,
  maxPool,
  relu,
  sigmoid,
} from "../layers.ts";
import type { NetworkBuilder, Value } from "../network-builder.ts";

type Activation = typeof relu;

/**
 * Five residual blocks with pooling, then two fully connected layers. ClinicaDL 1.x makes these for whole t1-linear
 * images and two outputs, whatever its options say: the weights have the last word on both.
 */
function residualNetwork(
  name: string,
  activation: Activation,
  fullyConnected: readonly [first: number, second: number],
  recalibrate?: (network: NetworkBuilder, x: Value, key: string) => Value,
): Architecture {
  return {
    name,
    inputDims: undefined,
    axes: 3,
    build(network, image) {
      let x = image;
      for (const [k, channels] of [8, 16, 32, 64, 128].entries()) {
        const key = `convolutions.${k}`;
        let y = convolution(network, x, `${key}.0.conv1`, channels, { bias: false });
        y = batchNormalization(network, y, `${key}.0.bn1`);
        y = activation(network, y, `${key}.0.act1`);
        y = convolution(network, y, `${key}.0.conv2`, channels, { bias: false });
        y = batchNormalization(network, y, `${key}.0.bn2`);
        if (recalibrate !== undefined) y = recalibrate(network, y, `${key}.0.se_block`);
        const options = { kernel: 1, padding: 0, bias: false };
        const shortcut = convolution(network, x, `${key}.0.shortcut.0`, channels, options);
        x = activation(network, add(network, y, shortcut, `${key}.0.add`), `${key}.0.act2`);
        x = maxPool(network, x, `${key}.1`, { kernel: 3, stride: 2 });
      }
      const [first, second] = fullyConnected.map((index) => `fc.${index}`) as [string, string];
      x = flatten(network, x, "fc.0");
      x = linear(network, x, first, 256);
      x = activation(network, x, `fc.${fullyConnected[0] + 1}`);
      return logits(network, x, second, network.given(`${second}.weight`)?.[0]);
    },
  };
}

/** Squeeze and excitation (Hu et al. 2018): each channel is multiplied by a factor made of the means of all. */
function squeezeAndExcite(network: NetworkBuilder, x: Value, key: string): Value {
  const channels = x.dims[0] ?? 0;
  let y = globalAveragePool(network, x, `${key}.avg_pooling_3D`);
  y = flatten(network, y, `${key}.flatten`);
  y = linear(network, y, `${key}.fc1`, Math.floor(channels / 8));
  y = relu(network, y, `${key}.act1`);
  y = linear(network, y, `${key}.fc2`, channels);
  y = sigmoid(network, y, `${key}.act2`);
  return gate(network, x, y, key);
}

export const resNet3d = residualNetwork("ResNet3D", elu, [1, 4]);
export const squeezeExcitationCnn = residualNetwork("SqueezeExcitationCNN", relu, [2, 4], squeezeAndExcite);
