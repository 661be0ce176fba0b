import { type Affine, elementAt, elementCount, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { PictureKind } from "../pictures/decoded-picture.ts";
import type { ImageFile, ImageHeader } from "../volumes/image-file.ts";

/** What a network takes of an image, before its lengths are compared. */
export interface WantedChannels {
  /** Axes of its input without the batch: 4 of volumes, 3 of pictures. */
  readonly rank: number;
  /** Undefined where any number will do. */
  readonly channels: number | undefined;
  /** Whether an array may have its channels behind, as the network's own file has. */
  readonly channelsLast: boolean;
}

/** An image with its channels in front: [C, X, Y, Z] or [C, H, W]. */
export interface ChannelImage {
  /** [C, X, Y, Z] or [C, H, W]. */
  readonly values: Tensor<"float32">;
  /** Voxel to world, in mm; absent where the position is not known. */
  readonly affine?: Affine;
  /** Why the position that the header gives cannot be used; names the file. */
  readonly affineError?: string;
  /** Set for a picture whose values are still those of its file. */
  readonly picture?: PictureKind;
  /** Sentences about what was left out. */
  readonly warnings: readonly string[];
}

/** How the values of an image are laid out with the channels in front. */
interface ChannelLayout {
  readonly dims: readonly number[];
  /** Whether they were behind. */
  readonly isTurned: boolean;
}

/**
 * The shape of an image with its channels in front: without leading axes of length 1 beyond the rank of the network (a batch
 * of one image), without the third axis of a NIfTI slice, and without an opacity (alpha) that the network does not take.
 * @throws VoxplainError `mismatch` naming the file and its shape.
 */
export function channelLayout(image: ImageHeader, wanted: WantedChannels): ChannelLayout {
  const { dims, hasSpatialAxes = false, picture, name } = image;
  const { rank, channels, channelsLast } = wanted;
  const isSlice = hasSpatialAxes && rank === 3 && dims.at(-1) === 1;
  const own = isSlice
    ? [elementCount(dims.slice(0, -3)), ...dims.slice(-3, -1)]
    : dims.length === rank - 1 && picture === undefined
      ? [1, ...dims]
      : withoutLeadingOnes(dims, rank);
  const isVolume = hasSpatialAxes && !isSlice;
  if (own.length !== rank || elementCount(own) === 0 || (isVolume && rank === 3)) {
    throw new VoxplainError("mismatch", "the image has another number of axes than the network takes", {
      file: name,
      expected: `a ${rank - 1}D image`,
      found: `[${dims.join(", ")}]`,
    });
  }
  const [found = 1, ...spatial] = own;
  if (channels === undefined || found === channels) return { dims: own, isTurned: false };
  const isArray = !hasSpatialAxes && picture === undefined;
  if (channelsLast && isArray && own.at(-1) === channels) {
    return { dims: [channels, ...own.slice(0, -1)], isTurned: true };
  }
  const hasOpacity = picture?.mode === "LA" || picture?.mode === "RGBA";
  return { dims: [hasOpacity ? found - 1 : found, ...spatial], isTurned: false };
}

function withoutLeadingOnes(dims: readonly number[], rank: number): readonly number[] {
  const surplus = dims.length - rank;
  return surplus > 0 && dims.slice(0, surplus).every((length) => length === 1) ? dims.slice(surplus) : dims;
}

/**
 * Brings an image to that shape, and warns of pixels that are not fully opaque where their opacity is left out.
 * @throws VoxplainError as `channelLayout`.
 */
export function channelsInFront(image: ImageFile, wanted: WantedChannels): ChannelImage {
  const { name, values, warnings: ofFile, ...known } = image;
  const { dims, isTurned } = channelLayout({ ...known, name, dims: values.dims, warnings: ofFile }, wanted);
  const count = elementCount(dims);
  const channels = elementAt(dims, 0);
  const data = isTurned ? turned(values.data, channels) : values.data.subarray(0, count);
  const transparent = count < values.data.length ? (image.picture?.transparent ?? 0) : 0;
  const warnings =
    transparent === 0
      ? []
      : [
          `${transparent} of ${count / channels} pixels of ${name} are not fully opaque: ` +
            "the network takes no opacity (alpha) and gets their stored colours",
        ];
  return { ...known, values: tensor("float32", dims, data), warnings: [...ofFile, ...warnings] };
}

/** Repeats a grey image on three channels; of three it stays as it is. @throws VoxplainError `mismatch` for others. */
export function toRgb(image: ChannelImage, name: string): ChannelImage {
  const { dims, data } = image.values;
  const [channels, ...spatial] = dims;
  if (channels === 3) return image;
  if (channels !== 1) throw noConversion(name, dims, "rgb");
  const values = new Float32Array(3 * data.length);
  for (let c = 0; c < 3; c++) values.set(data, c * data.length);
  return { ...image, values: tensor("float32", [3, ...spatial], values) };
}

/**
 * Makes three channels one (ITU-R BT.601): of a picture of 8 bits as Pillow's "L", rounded, of other values unrounded;
 * of one it stays as it is. @throws VoxplainError `mismatch` for others.
 */
export function toGrey(image: ChannelImage, name: string): ChannelImage {
  const { dims, data } = image.values;
  const [channels, ...spatial] = dims;
  if (channels === 1) return image;
  if (channels !== 3) throw noConversion(name, dims, "grey");
  const size = data.length / 3;
  const values = new Float32Array(size);
  const isRounded = image.picture?.most === 255;
  for (let k = 0; k < size; k++) {
    const [red, green, blue] = [data[k]!, data[size + k]!, data[2 * size + k]!];
    values[k] = isRounded
      ? (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16
      : 0.299 * red + 0.587 * green + 0.114 * blue;
  }
  return { ...image, values: tensor("float32", [1, ...spatial], values) };
}

/**
 * Refuses an image of another number of channels than the network takes: no image is made grey or coloured unasked.
 * @throws VoxplainError `mismatch` naming the file and the step that would make it fit.
 */
export function checkChannels(
  dims: readonly number[],
  name: string,
  channels: number | null | undefined,
): void {
  const [found = 1] = dims;
  if (channels === undefined || channels === null || found === channels) return;
  const hint =
    found === 1 && channels === 3
      ? "the preprocessing step rgb repeats a grey image on three channels"
      : found === 3 && channels === 1
        ? "the preprocessing step grey makes red, green and blue one channel"
        : undefined;
  throw new VoxplainError("mismatch", "the image has another number of channels than the network takes", {
    file: name,
    expected: count(channels),
    found: count(found),
    hint,
  });
}

function count(channels: number): string {
  return channels === 1 ? "one channel" : `${channels} channels`;
}

function turned(data: Float32Array, channels: number): Float32Array {
  const size = data.length / channels;
  const result = new Float32Array(data.length);
  for (const [k, value] of data.entries()) result[(k % channels) * size + Math.floor(k / channels)] = value;
  return result;
}

/** @param step - The step that takes images of one channel or of three alone. */
export function noConversion(name: string, dims: readonly number[], step: "rgb" | "grey"): VoxplainError {
  return new VoxplainError("mismatch", `the preprocessing step ${step} does not fit the image`, {
    file: name,
    expected: "one channel or three channels",
    found: count(dims[0] ?? 0),
  });
}
