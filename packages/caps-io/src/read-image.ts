import {
  type Affine,
  type FileSource,
  isVoxplainError,
  readFile,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";
import { openCheckpoint, rootTensor } from "@voxplain/torch-checkpoint";
import type { CapsImage } from "./caps-image.ts";
import { minMaxInPlace } from "./min-max.ts";
import { readAffine, readNifti } from "./nifti.ts";

/** An image as a network gets it. */
export interface InputImage {
  readonly image: CapsImage;
  /** [C, X, Y, Z] or [C, H, W], after the transforms. */
  readonly input: Tensor<"float32">;
  /** Where its voxels lie, where a NIfTI says so. */
  readonly affine?: Affine;
  readonly warnings: readonly string[];
}

export interface ReadOptions {
  /** Min-max normalisation over the whole image, in float32. */
  readonly normalize: boolean;
}

/**
 * Reads an image and prepares it as in the training.
 * @throws VoxplainError naming participant, session and file when it is damaged or of another shape.
 */
export async function readImage(
  caps: FileSource,
  image: CapsImage,
  options: ReadOptions,
): Promise<InputImage> {
  const { participantId, sessionId } = image.session;
  try {
    const { input, affine } =
      image.format === "nifti" ? await fromNifti(caps, image) : await fromTensor(caps, image);
    const constant = options.normalize && minMaxInPlace(input.data);
    const warnings = constant ? ["the image is constant; it was made zero"] : [];
    return { image, input, ...(affine && { affine }), warnings };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    throw new VoxplainError(error.code, `${participantId} ${sessionId}: ${error.message}`, { cause: error });
  }
}

type Content = { readonly input: Tensor<"float32">; readonly affine?: Affine };

async function fromNifti(caps: FileSource, { path }: CapsImage): Promise<Content> {
  const { data, shape, affine } = await readNifti(await readFile(caps, path), `${caps.name}/${path}`);
  return { input: tensor("float32", [1, ...shape], data), affine };
}

async function fromTensor(caps: FileSource, { path, nifti }: CapsImage): Promise<Content> {
  const name = `${caps.name}/${path}`;
  const reader = await caps.open(path);
  if (reader === undefined) throw new VoxplainError("not-found", `there is no file ${name}`);
  const stored = rootTensor(await openCheckpoint(reader, { name }));
  if (stored.dims.length !== 4 && stored.dims.length !== 3) {
    throw new VoxplainError(
      "invalid-file",
      `${name} holds a tensor of shape [${stored.dims.join(", ")}]; an image is [1, X, Y, Z] or [C, H, W]`,
    );
  }
  const input = asFloat32(await stored.read(), name);
  return nifti === undefined ? { input } : { input, affine: (await readAffine(caps, nifti)).affine };
}

function asFloat32(stored: Tensor, name: string): Tensor<"float32"> {
  if (stored.dtype === "float32") return stored;
  if (stored.dtype === "float16" || stored.dtype === "bfloat16") {
    throw new VoxplainError("unsupported", `${name} holds ${stored.dtype} values; save it as float32`);
  }
  return tensor("float32", stored.dims, Float32Array.from(stored.data as ArrayLike<number | bigint>, Number));
}
