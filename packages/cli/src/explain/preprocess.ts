import { type ChannelImage, minMaxInPlace, toGrey, toRgb } from "@voxplain/caps-io";
import { type Affine, elementCount, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import { resizeLinear } from "@voxplain/saliency";

/** One step between the file, of that path, and the network. */
type PreprocessStep = (image: ChannelImage, path: string) => ChannelImage;

/** What `--preprocess` says, in its order. */
export interface Preprocessing {
  readonly steps: readonly PreprocessStep[];
  /** Whether a step changes the number of channels. */
  readonly setsChannels: boolean;
}

/**
 * Reads what `--preprocess` says.
 * @throws VoxplainError `invalid-argument` naming the step.
 */
export function parsePreprocess(texts: readonly string[]): Preprocessing {
  const setsChannels = texts.some((text) => text === "rgb" || text === "grey");
  const steps = texts.map((text): PreprocessStep => {
    const [name = "", list] = text.split("=", 2);
    const numbers = list?.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
    const refuse = (): never => {
      throw new VoxplainError(
        "invalid-argument",
        `"${text}" (--preprocess) is none of rgb, grey, min-max, scale=<factor>, mean=<per channel>, std=<per channel>, resize=<per axis>`,
      );
    };
    if (text === "rgb") return toRgb;
    if (text === "grey") return toGrey;
    if (text === "min-max") return minMax;
    if (numbers === undefined || numbers.some((value) => !Number.isFinite(value))) return refuse();
    switch (name) {
      case "scale":
        return numbers.length === 1 ? perChannel(numbers, (x, factor) => x * factor) : refuse();
      case "mean":
        return perChannel(numbers, (x, mean) => x - mean);
      case "std":
        return numbers.every((value) => value > 0) ? perChannel(numbers, (x, std) => x / std) : refuse();
      case "resize":
        return numbers.every((value) => Number.isInteger(value) && value > 0) ? resize(numbers) : refuse();
      default:
        return refuse();
    }
  });
  return { steps, setsChannels };
}

/** The image with other values, which are no longer those of its file. */
function changed({ picture: _, ...image }: ChannelImage, values: Tensor<"float32">): ChannelImage {
  return { ...image, values };
}

/** To 0–1 over the whole image, as ClinicaDL's training. */
const minMax: PreprocessStep = (image) => {
  const data = image.values.data.slice();
  minMaxInPlace(data);
  return changed(image, tensor("float32", image.values.dims, data));
};

/** One number for all channels, or one for each. */
function perChannel(
  numbers: readonly number[],
  change: (value: number, number: number) => number,
): PreprocessStep {
  return (image) => {
    const { dims, data } = image.values;
    const channels = dims[0]!;
    if (numbers.length !== 1 && numbers.length !== channels) {
      throw new VoxplainError(
        "invalid-argument",
        `--preprocess gives ${numbers.length} numbers for an image of ${channels} channels: give one, or one for each`,
      );
    }
    const size = data.length / channels;
    const values = data.map((value, k) => change(value, numbers[Math.floor(k / size) % numbers.length]!));
    return changed(image, tensor("float32", dims, values));
  };
}

/** Linear between the centres of voxels; the affine follows. */
function resize(lengths: readonly number[]): PreprocessStep {
  return (image) => {
    const { values, affine } = image;
    const { dims, data } = values;
    const [channels = 1, ...spatial] = dims;
    const wanted = lengths.length === 1 ? spatial.map(() => lengths[0]!) : lengths;
    if (wanted.length !== spatial.length) {
      throw new VoxplainError(
        "invalid-argument",
        `--preprocess resize gives ${lengths.length} lengths for an image of ${spatial.length} axes`,
      );
    }
    const size = elementCount(spatial);
    const resized = new Float32Array(channels * elementCount(wanted));
    for (let c = 0; c < channels; c++) {
      const channel = Float64Array.from(data.subarray(c * size, (c + 1) * size));
      resized.set(resizeLinear(channel, spatial, wanted), c * elementCount(wanted));
    }
    const moved = changed(image, tensor("float32", [channels, ...wanted], resized));
    return affine === undefined ? moved : { ...moved, affine: resizedAffine(affine, spatial, wanted) };
  };
}

/** Voxel k of the new grid lies at (k + ½) · from/to − ½ of the old one. */
function resizedAffine(affine: Affine, from: readonly number[], to: readonly number[]): Affine {
  const factors = from.map((length, axis) => length / to[axis]!);
  const rows = affine.map((row, k) => {
    if (k === 3) return row;
    const steps = factors.map((factor, axis) => row[axis]! * factor);
    const shift = factors.reduce((sum, factor, axis) => sum + row[axis]! * (factor / 2 - 0.5), 0);
    return [...steps, row[3] + shift];
  });
  return rows as unknown as Affine;
}
