import {
  type ImageFile,
  type ImageHeader,
  type InputSpec,
  imageInput,
  inputDims,
  type PartInput,
  type PreprocessingStep,
  readImageFile,
} from "@voxplain/caps-io";
import { type FilePath, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import type { PreparedImage } from "./prepared-image.ts";

/** A single file that holds an image. */
export interface LooseImage {
  readonly files: FileSource;
  readonly path: FilePath;
}

/** What a network takes, and how intensities are brought to it. */
export interface InputShape extends InputSpec {
  readonly steps: readonly PreprocessingStep[];
}

/** An image of 512 voxels along each axis in float32 takes half of it; a page has not much more memory. */
const largestFile = 2 ** 30;

/** @throws VoxplainError naming the file when it is damaged, or too large for a page. */
export async function readLooseImage({ files, path }: LooseImage): Promise<ImageFile> {
  const size = (await files.open(path))?.byteLength ?? 0;
  if (size <= largestFile) return readImageFile(files, path);
  throw new VoxplainError("unsupported", `it has ${Math.round(size / 1e6)} MB: it is no single image`, {
    file: `${files.name}/${path}`,
  });
}

/** The image as one part, whose map is of the values behind the steps. @throws VoxplainError as caps-io's `imageInput`. */
export function fitLooseImage(image: ImageFile, shape: InputShape): PreparedImage {
  const { values: input, affine, affineError, warnings } = imageInput(image, shape, shape.steps);
  const { dims } = input;
  const part: PartInput = {
    ...{ index: 0, id: 0, name: "image", label: "image", warnings, input },
    transform: { minMax: "none" },
  };
  const isVolume = dims.length === 4;
  return {
    parts: [part],
    grid: dims.slice(1),
    affine: isVolume ? affine : undefined,
    ...(isVolume && affineError && { affineError }),
    whole: undefined,
    warnings,
  };
}

/** Why an image of this shape cannot be given to the network, if so. */
export function misfitOf(image: ImageHeader, shape: InputShape): VoxplainError | undefined {
  try {
    inputDims(image, shape, shape.steps);
    return undefined;
  } catch (error) {
    if (isVoxplainError(error)) return error;
    throw error;
  }
}
