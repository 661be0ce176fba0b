import { type Affine, elementCount, resizeLinear, type Tensor, tensor } from "@voxplain/core";
import { minMaxInPlace } from "../transforms/min-max.ts";
import { type ChannelImage, toGrey, toRgb } from "./channels.ts";
import type { PreprocessingStep } from "./preprocessing-steps.ts";
import { lengthsAfter } from "./shape-after-step.ts";
import { zScoreInPlace } from "./z-score.ts";

/** Applies one step. The shape of the image was checked by `shapeAfterStep`. */
export function applyStep(image: ChannelImage, step: PreprocessingStep, name: string): ChannelImage {
  switch (step.kind) {
    case "rgb":
      return toRgb(image, name);
    case "grey":
      return toGrey(image, name);
    case "min-max":
      return rescaled(image, minMaxInPlace, name);
    case "z-score":
      return rescaled(image, zScoreInPlace, name);
    case "scale":
      return perChannel(image, [step.factor], (value, factor) => value * factor);
    case "mean":
      return perChannel(image, step.values, (value, mean) => value - mean);
    case "std":
      return perChannel(image, step.values, (value, std) => value / std);
    case "resize":
      return resized(image, step.lengths);
  }
}

/** The image with other values, which are no longer those of its file. */
function changed({ picture: _, ...image }: ChannelImage, values: Tensor<"float32">): ChannelImage {
  return { ...image, values };
}

/** @param change - Returns whether the values are constant, which it makes zero. */
function rescaled(
  image: ChannelImage,
  change: (values: Float32Array) => boolean,
  name: string,
): ChannelImage {
  const data = image.values.data.slice();
  const isConstant = change(data);
  const result = changed(image, tensor("float32", image.values.dims, data));
  if (!isConstant) return result;
  return { ...result, warnings: [...result.warnings, `${name} is constant; it was made zero`] };
}

/** @param numbers - One for all channels, or one for each. */
function perChannel(
  image: ChannelImage,
  numbers: readonly number[],
  change: (value: number, number: number) => number,
): ChannelImage {
  const { dims, data } = image.values;
  const [channels = 1] = dims;
  const size = data.length / channels;
  const values = new Float32Array(data.length);
  for (let channel = 0; channel < channels; channel++) {
    const number = numbers.length === 1 ? numbers[0] : numbers[channel];
    if (number === undefined) throw new RangeError(`channel ${channel} has no number`);
    const own = data.subarray(channel * size, (channel + 1) * size);
    values.set(
      own.map((value) => change(value, number)),
      channel * size,
    );
  }
  return changed(image, tensor("float32", dims, values));
}

/** Linear between the centres of voxels; the affine follows. */
function resized(image: ChannelImage, lengths: readonly number[]): ChannelImage {
  const { values, affine } = image;
  const { dims, data } = values;
  const [channels = 1, ...spatial] = dims;
  const wanted = lengthsAfter(spatial, lengths);
  const size = elementCount(spatial);
  const result = new Float32Array(channels * elementCount(wanted));
  for (let c = 0; c < channels; c++) {
    const channel = Float64Array.from(data.subarray(c * size, (c + 1) * size));
    result.set(resizeLinear(channel, spatial, wanted), c * elementCount(wanted));
  }
  const moved = changed(image, tensor("float32", [channels, ...wanted], result));
  return affine === undefined ? moved : { ...moved, affine: resizedAffine(affine, spatial, wanted) };
}

/** Voxel k of the new grid is at (k + ½) · from/to − ½ of the old one. A slice has one voxel along its third axis. */
export function resizedAffine(affine: Affine, from: readonly number[], to: readonly number[]): Affine {
  const [x, y, z] = [0, 1, 2].map((axis) => (from[axis] ?? 1) / (to[axis] ?? 1)) as [number, number, number];
  const row = ([i, j, k, offset]: Affine[number]): Affine[number] => [
    ...([i * x, j * y, k * z] as const),
    offset + i * (x / 2 - 0.5) + j * (y / 2 - 0.5) + k * (z / 2 - 0.5),
  ];
  return [row(affine[0]), row(affine[1]), row(affine[2]), affine[3]];
}
