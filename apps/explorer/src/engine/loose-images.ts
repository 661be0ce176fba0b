import { type ImageFile, minMaxInPlace, type PartInput, readImageFile } from "@voxplain/caps-io";
import {
  elementCount,
  type FilePath,
  type FileSource,
  isVoxplainError,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";
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
 * Puts the channels in front, repeats a grey image on as many as the network takes, and brings the
 * intensities to 0–1 where that is wanted.
 * @throws VoxplainError `mismatch` naming the file and both shapes.
 */
export function fitLooseImage(image: ImageFile, name: string, shape: InputShape): PreparedImage {
  const { lengths, normalize } = shape;
  const fitted = withChannels(withoutSingleAxes(image.values, lengths.length), name, shape);
  const fits = fitted.dims.every((length, axis) => lengths[axis] === null || lengths[axis] === length);
  if (!fits) throw misfit(name, image.values.dims, lengths);
  const data = fitted.data === image.values.data ? fitted.data.slice() : fitted.data;
  const constant = normalize && minMaxInPlace(data);
  const warnings = constant ? [`${name} is constant; it was made zero`] : [];
  const part: PartInput = {
    ...{ index: 0, id: 0, name: "image", label: "image", warnings },
    input: tensor("float32", fitted.dims, data),
    transform: { minMax: constant ? "constant" : normalize ? "applied" : "none" },
  };
  const isVolume = fitted.dims.length === 4;
  const { affineError } = image;
  return {
    parts: [part],
    grid: fitted.dims.slice(1),
    affine: isVolume ? image.affine : undefined,
    ...(isVolume && affineError && { affineError }),
    whole: undefined,
    warnings: [...image.warnings, ...warnings],
  };
}

/** Why an image of this shape cannot be given to the network, if so. */
export function misfitOf(
  dims: readonly number[],
  name: string,
  shape: InputShape,
): VoxplainError | undefined {
  const values = tensor("float32", dims, new Float32Array(elementCount(dims)));
  try {
    fitLooseImage({ values, warnings: [] }, name, { ...shape, normalize: false });
    return undefined;
  } catch (error) {
    if (isVoxplainError(error)) return error;
    throw error;
  }
}

/** A batch axis of one image in front, and what a NIfTI of a picture has behind. */
function withoutSingleAxes(values: Tensor<"float32">, rank: number): Tensor<"float32"> {
  let dims = values.dims;
  while (dims.length > rank && dims[0] === 1) dims = dims.slice(1);
  while (dims.length > rank - 1 && dims.length > 2 && rank === 3 && dims.at(-1) === 1)
    dims = dims.slice(0, -1);
  return tensor("float32", dims, values.data);
}

function withChannels(values: Tensor<"float32">, name: string, shape: InputShape): Tensor<"float32"> {
  const { lengths, channelsLast } = shape;
  const [channels] = lengths;
  const { dims, data } = values;
  if (channelsLast && dims.length === lengths.length && dims.at(-1) === channels && dims[0] !== channels) {
    return channelsToFront(values);
  }
  const own = dims.length === lengths.length - 1 ? [1, ...dims] : dims;
  if (own.length !== lengths.length || elementCount(own) === 0) throw misfit(name, dims, lengths);
  if (typeof channels !== "number" || own[0] === channels || own[0] !== 1)
    return tensor("float32", own, data);
  const repeated = new Float32Array(channels * data.length);
  for (let c = 0; c < channels; c++) repeated.set(data, c * data.length);
  return tensor("float32", [channels, ...own.slice(1)], repeated);
}

function channelsToFront({ dims, data }: Tensor<"float32">): Tensor<"float32"> {
  const channels = dims.at(-1)!;
  const size = data.length / channels;
  const turned = new Float32Array(data.length);
  for (let k = 0; k < data.length; k++) turned[(k % channels) * size + Math.floor(k / channels)] = data[k]!;
  return tensor("float32", [channels, ...dims.slice(0, -1)], turned);
}

function misfit(name: string, found: readonly number[], wanted: readonly (number | null)[]): VoxplainError {
  return new VoxplainError(
    "mismatch",
    `${name} has the shape [${found.join(", ")}], but the network takes [${wanted.map((length) => length ?? "?").join(", ")}]: ` +
      "is it an image of another preprocessing?",
  );
}
