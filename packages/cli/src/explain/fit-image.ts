import { elementCount, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { ChannelImage } from "./preprocess.ts";
import type { StoredImage } from "./read-image.ts";

/**
 * Puts the channels of an image in front, and as many as the network takes: a grey image is repeated,
 * colours are made grey (ITU-R BT.601, as Pillow's "L").
 * @param rank - Axes of the network's input without the batch: 4 of volumes, 3 of pictures.
 * @throws VoxplainError `mismatch` naming the file and both shapes.
 */
export function withChannels(image: StoredImage, rank: number, channels: number | undefined): ChannelImage {
  const { values, affine } = image;
  const place = affine === undefined ? {} : { affine };
  const { dims, data } = values;
  const batched = dims.length === rank + 1 && dims[0] === 1;
  const isBare = dims.length === rank - 1 && !image.isPicture;
  // A slice of a NIfTI has a third axis of one voxel.
  const isSlice = affine !== undefined && rank === 3 && dims.at(-1) === 1;
  const shape = isSlice
    ? [elementCount(dims.slice(0, -3)), ...dims.slice(-3, -1)]
    : batched
      ? dims.slice(1)
      : isBare
        ? [1, ...dims]
        : dims;
  if (
    shape.length !== rank ||
    elementCount(shape) === 0 ||
    (affine !== undefined && rank === 3 && !isSlice)
  ) {
    throw new VoxplainError(
      "mismatch",
      `${image.path} has the shape [${dims.join(", ")}], but the network takes ${rank - 1}D images`,
    );
  }
  const found = tensor("float32", shape, data);
  if (channels === undefined || shape[0] === channels) return { ...place, values: found };
  if (shape[0] === 1) return { ...place, values: repeated(found, channels) };
  if (shape[0] === 3 && channels === 1 && rank === 3) return { ...place, values: grey(found) };
  throw new VoxplainError(
    "mismatch",
    `${image.path} has ${shape[0]} channels (its shape is [${dims.join(", ")}]), but the network takes ${channels}`,
  );
}

/** An image stored as [H, W, C] or [X, Y, Z, C], with its channels in front; another stays as it is. */
export function channelsToFront(image: StoredImage, rank: number, channels: number | undefined): StoredImage {
  const { dims, data } = image.values;
  const isLast = !image.isPicture && dims.length === rank && dims.at(-1) === channels && dims[0] !== channels;
  if (!isLast || channels === undefined) return image;
  const size = data.length / channels;
  const turned = new Float32Array(data.length);
  for (let k = 0; k < data.length; k++) turned[(k % channels) * size + Math.floor(k / channels)] = data[k]!;
  return { ...image, values: tensor("float32", [channels, ...dims.slice(0, -1)], turned) };
}

/** @throws VoxplainError `mismatch` naming the file, both shapes and what helps. */
export function checkFits(image: StoredImage, { values: { dims } }: ChannelImage, wanted: readonly number[]) {
  if (dims.join() === wanted.join()) return;
  throw new VoxplainError(
    "mismatch",
    `${image.path} has the shape [${dims.join(", ")}] after its preprocessing, but the network takes ` +
      `[${wanted.join(", ")}]; --preprocess resize=${wanted.slice(1).join(",")} would make it so`,
  );
}

function repeated({ dims, data }: Tensor<"float32">, channels: number): Tensor<"float32"> {
  const values = new Float32Array(channels * data.length);
  for (let c = 0; c < channels; c++) values.set(data, c * data.length);
  return tensor("float32", [channels, ...dims.slice(1)], values);
}

function grey({ dims, data }: Tensor<"float32">): Tensor<"float32"> {
  const size = data.length / 3;
  const values = new Float32Array(size);
  for (let k = 0; k < size; k++) {
    values[k] = 0.299 * data[k]! + 0.587 * data[size + k]! + 0.114 * data[2 * size + k]!;
  }
  return tensor("float32", [1, ...dims.slice(1)], values);
}
