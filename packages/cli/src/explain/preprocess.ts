import { minMaxInPlace } from "@voxplain/caps-io";
import { type Affine, elementCount, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import { resizeLinear } from "@voxplain/saliency";

/** An image with its channels in front: [C, X, Y, Z] or [C, H, W]. */
export interface ChannelImage {
  readonly values: Tensor<"float32">;
  readonly affine?: Affine;
}

/** One step between the file and the network. */
export type PreprocessStep = (image: ChannelImage) => ChannelImage;

/**
 * Reads what `--preprocess` says.
 * @throws VoxplainError `invalid-argument` naming the step.
 */
export function parsePreprocess(texts: readonly string[]): readonly PreprocessStep[] {
  return texts.map((text) => {
    const [name = "", list] = text.split("=", 2);
    const numbers = list?.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
    const refuse = (): never => {
      throw new VoxplainError(
        "invalid-argument",
        `"${text}" (--preprocess) is none of min-max, scale=<factor>, mean=<per channel>, std=<per channel>, resize=<per axis>`,
      );
    };
    if (name === "min-max" && list === undefined) return minMax;
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
}

/** To 0–1 over the whole image, as ClinicaDL's training. */
const minMax: PreprocessStep = ({ values, ...place }) => {
  const data = values.data.slice();
  minMaxInPlace(data);
  return { ...place, values: tensor("float32", values.dims, data) };
};

/** One number for all channels, or one for each. */
function perChannel(
  numbers: readonly number[],
  change: (value: number, number: number) => number,
): PreprocessStep {
  return ({ values: { dims, data }, ...place }) => {
    const channels = dims[0]!;
    if (numbers.length !== 1 && numbers.length !== channels) {
      throw new VoxplainError(
        "invalid-argument",
        `--preprocess gives ${numbers.length} numbers for an image of ${channels} channels: give one, or one for each`,
      );
    }
    const size = data.length / channels;
    const changed = data.map((value, k) => change(value, numbers[Math.floor(k / size) % numbers.length]!));
    return { ...place, values: tensor("float32", dims, changed) };
  };
}

/** Linear between the centres of voxels; the affine follows. */
function resize(lengths: readonly number[]): PreprocessStep {
  return ({ values: { dims, data }, affine }) => {
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
    const values = tensor("float32", [channels, ...wanted], resized);
    return affine === undefined ? { values } : { values, affine: resizedAffine(affine, spatial, wanted) };
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
