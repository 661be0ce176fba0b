import {
  type ImageFile,
  type ImageHeader,
  type InputSpec,
  imageInput,
  inputDims,
  type PartInput,
  readImageFile,
} from "@voxplain/caps-io";
import { type FilePath, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import type { OpenModel } from "./open-model.ts";
import type { PreparedImage } from "./prepared-image.ts";

/** A single file that holds an image. */
export interface LooseImage {
  readonly files: FileSource;
  readonly path: FilePath;
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
export function fitLooseImage(
  image: ImageFile,
  spec: InputSpec,
  { steps, note }: ReturnType<OpenModel["stepsFor"]>,
): PreparedImage {
  const { values: input, affine, affineError, warnings } = imageInput(image, spec, steps);
  const { dims } = input;
  const part: PartInput = {
    ...{ index: 0, id: 0, name: "image", label: "image", warnings, input },
    transform: { minMax: "none" },
  };
  return {
    parts: [part],
    grid: dims.slice(1),
    affine,
    ...(affineError && { affineError }),
    whole: undefined,
    warnings: note === undefined ? warnings : [note, ...warnings],
  };
}

/** Why an image of this shape cannot be given to the network, if so. */
export function misfitOf(image: ImageHeader, { inputSpec, stepsFor }: OpenModel): VoxplainError | undefined {
  if (inputSpec === undefined) return undefined;
  try {
    inputDims(image, inputSpec, stepsFor(undefined).steps);
    return undefined;
  } catch (error) {
    if (isVoxplainError(error)) return error;
    throw error;
  }
}
