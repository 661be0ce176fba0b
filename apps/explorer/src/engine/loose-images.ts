import {
  channelLayout,
  channelsInFront,
  checkChannels,
  type ImageFile,
  type ImageShape,
  minMaxInPlace,
  type PartInput,
  readImageFile,
  type WantedChannels,
} from "@voxplain/caps-io";
import { type FilePath, type FileSource, isVoxplainError, tensor, VoxplainError } from "@voxplain/core";
import type { PreparedImage } from "./prepared-image.ts";

/** A single file that holds an image. */
export interface LooseImage {
  readonly files: FileSource;
  readonly path: FilePath;
}

/** What a network takes: [C, X, Y, Z] or [C, H, W]; null where any length will do. */
export interface InputShape {
  readonly lengths: readonly (number | null)[];
  /** Whether a file may have its channels last, as the network's own file has. */
  readonly channelsLast: boolean;
  readonly normalize: boolean;
}

/** An image of 512 voxels along each axis in float32 takes half of it; a page has not much more memory. */
const largestFile = 2 ** 30;

/** @throws VoxplainError naming the file when it is damaged, or holds values that no network can read. */
export async function readLooseImage({ files, path }: LooseImage): Promise<ImageFile> {
  const size = (await files.open(path))?.byteLength ?? 0;
  if (size > largestFile) {
    throw new VoxplainError(
      "unsupported",
      `${files.name}/${path} has ${Math.round(size / 1e6)} MB: it is no single image`,
    );
  }
  const image = await readImageFile(files, path);
  let broken = 0;
  for (const value of image.values.data) if (!Number.isFinite(value)) broken++;
  if (broken === 0) return image;
  throw new VoxplainError(
    "invalid-file",
    `${files.name}/${path}: ${broken} of ${image.values.data.length} values are NaN or infinite; no network can read such an image`,
  );
}

/**
 * Puts the channels in front, and brings the intensities to 0–1 where that is wanted.
 * @throws VoxplainError `mismatch` naming the file, both shapes, and the step that would make the channels fit.
 */
export function fitLooseImage(image: ImageFile, name: string, shape: InputShape): PreparedImage {
  const fitted = channelsInFront(image, name, wantedChannels(shape));
  checkFits(fitted.values.dims, image.values.dims, name, shape);
  const { dims } = fitted.values;
  const data = fitted.values.data.slice();
  const constant = shape.normalize && minMaxInPlace(data);
  const warnings = [...fitted.warnings, ...(constant ? [`${name} is constant; it was made zero`] : [])];
  const part: PartInput = {
    ...{ index: 0, id: 0, name: "image", label: "image", warnings },
    input: tensor("float32", dims, data),
    transform: { minMax: constant ? "constant" : shape.normalize ? "applied" : "none" },
  };
  const isVolume = dims.length === 4;
  const { affineError } = image;
  return {
    parts: [part],
    grid: dims.slice(1),
    affine: isVolume ? image.affine : undefined,
    ...(isVolume && affineError && { affineError }),
    whole: undefined,
    warnings,
  };
}

/** Why an image of this shape cannot be given to the network, if so. */
export function misfitOf(image: ImageShape, name: string, shape: InputShape): VoxplainError | undefined {
  try {
    const { dims } = channelLayout(image, name, wantedChannels(shape));
    checkFits(dims, image.dims, name, shape);
    return undefined;
  } catch (error) {
    if (isVoxplainError(error)) return error;
    throw error;
  }
}

function wantedChannels({ lengths, channelsLast }: InputShape): WantedChannels {
  return { rank: lengths.length, channels: lengths[0] ?? undefined, channelsLast };
}

function checkFits(
  dims: readonly number[],
  found: readonly number[],
  name: string,
  { lengths }: InputShape,
): void {
  checkChannels(dims, name, lengths[0] ?? undefined);
  if (dims.every((length, axis) => (lengths[axis] ?? length) === length)) return;
  throw new VoxplainError(
    "mismatch",
    `${name} has the shape [${found.join(", ")}], but the network takes [${lengths.map((length) => length ?? "?").join(", ")}]: ` +
      "is it an image of another preprocessing?",
  );
}
