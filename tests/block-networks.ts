import { elementCount, type NamedTensors, type Tensor, tensor } from "@voxplain/core";
import { type Dim, graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";

export interface BlockNetwork {
  /** Lengths of the image: [D, H, W], or [H, W]. */
  readonly image: readonly number[];
  /** Channels of the image, then of each block. */
  readonly channels: readonly number[];
  readonly batch: Dim;
  readonly activation?: "Relu" | "LeakyRelu";
  /** Padding of the convolutions; default: 1. */
  readonly padding?: 0 | 1;
}

/** Blocks of Conv → BatchNormalization → activation → zeros in front of odd axes → MaxPool(2), then a linear layer. */
export function blockNetwork(network: BlockNetwork): Model {
  const { image, channels, batch, activation = "Relu", padding = 1 } = network;
  const random = numbers(5);
  const graph = graphBuilder("blocks");
  const weight = (name: string, dims: readonly number[], scale: number, offset = 0) =>
    graph.initializer(
      name,
      tensor(
        "float32",
        dims,
        Float32Array.from({ length: elementCount(dims) }, () => offset + scale * random()),
      ),
    );
  const ones = image.map(() => 1);
  let x = graph.input("x", "float32", [batch, channels[0]!, ...image]);
  let lengths = image;
  for (const [k, outputs] of channels.slice(1).entries()) {
    const inputs = channels[k]!;
    const kernel = weight(`weight${k}`, [outputs, inputs, ...ones.map(() => 3)], 1.6 / Math.sqrt(inputs * 9));
    const pads = [...ones, ...ones].map(() => padding);
    const attributes = { kernel_shape: ones.map(() => 3), pads };
    x = graph.add("Conv", [x, kernel, weight(`bias${k}`, [outputs], 0.2)], attributes, { name: `conv${k}` });
    const statistics = [
      weight(`scale${k}`, [outputs], 0.4, 1),
      weight(`shift${k}`, [outputs], 0.3),
      weight(`mean${k}`, [outputs], 0.2),
      weight(`variance${k}`, [outputs], 0.4, 1),
    ];
    x = graph.add("BatchNormalization", [x, ...statistics], {}, { name: `norm${k}` });
    x = graph.add(activation, [x], {}, { name: `activation${k}` });
    lengths = lengths.map((length) => length + 2 * padding - 2);
    const front = lengths.map((length) => length % 2);
    if (front.includes(1)) {
      const pads = graph.int64([0, 0, ...front, 0, 0, ...front.map(() => 0)]);
      x = graph.add("Pad", [x, pads], { mode: "constant" }, { name: `pad${k}` });
    }
    const pooling = { kernel_shape: ones.map(() => 2), strides: ones.map(() => 2) };
    x = graph.add("MaxPool", [x], pooling, { name: `pool${k}` });
    lengths = lengths.map((length) => Math.ceil(length / 2));
  }
  const features = channels.at(-1)! * elementCount(lengths);
  const flat = graph.add("Flatten", [x], { axis: 1 });
  const inputs = [flat, weight("linear", [2, features], 2 / Math.sqrt(features)), weight("offset", [2], 1)];
  graph.add("Gemm", inputs, { transB: 1 }, { outputs: ["logits"] });
  graph.output("logits", "float32", [batch, 2]);
  return modelOf(graph.build());
}

/**
 * Images of which half is constant, as air around a head is, and the cotangent of the second logit:
 * after a convolution, whole regions are equal there, and every window is a tie.
 */
export function feedsOf(image: readonly number[], batch: number): NamedTensors {
  const random = numbers(17);
  const dims = [batch, 1, ...image];
  const width = image.at(-1)!;
  const data = Float32Array.from({ length: elementCount(dims) }, (_, k) =>
    k % width < width / 2 ? 0.25 : random(),
  );
  const cotangent = Float32Array.from({ length: 2 * batch }, (_, k) => k % 2);
  return { x: tensor("float32", dims, data), "cotangent:logits": tensor("float32", [batch, 2], cotangent) };
}

/** ‖a − b‖ / ‖b‖. */
export function distance(a: Tensor | undefined, b: Tensor | undefined): number {
  if (a === undefined || b === undefined || a.dims.join() !== b.dims.join()) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let norm = 0;
  for (let k = 0; k < b.data.length; k++) {
    const [left, right] = [Number(a.data[k]), Number(b.data[k])];
    difference += (left - right) ** 2;
    norm += right ** 2;
  }
  return Math.sqrt(difference / norm);
}

/** Equally distributed in [−1, 1); the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}
