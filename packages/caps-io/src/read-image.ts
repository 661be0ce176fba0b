import { type Affine, type FileSource, type Tensor, tensor } from "@voxplain/core";
import type { CapsImage } from "./caps-image.ts";
import { loadImage } from "./load-image.ts";
import { rescale } from "./min-max.ts";

/** An image as a network gets it. */
export interface InputImage {
  /** Where it was read from. */
  readonly image: CapsImage;
  /** [C, X, Y, Z] or [C, H, W], after the transforms. */
  readonly input: Tensor<"float32">;
  /** Voxel indices to mm, where a NIfTI gives it. */
  readonly affine?: Affine;
  /** Why the position that its NIfTI gives cannot be used; names the file. */
  readonly affineError?: string;
  /** Sentences about what is odd, such as a constant image. */
  readonly warnings: readonly string[];
}

/** How an image becomes an input. */
export interface ReadOptions {
  /** Min-max normalisation over the whole image, in float32. */
  readonly normalize: boolean;
}

/**
 * Reads an image and prepares it as in the training: float32, row-major, in the axes of its file.
 * @throws VoxplainError naming participant, session and file when it is damaged, of another shape, or
 * holds NaN or infinite values, of which no network can make anything.
 */
export async function readImage(
  caps: FileSource,
  image: CapsImage,
  { normalize }: ReadOptions,
): Promise<InputImage> {
  const { dims, data, owned, extremes, ...position } = await loadImage(caps, image);
  const { warnings } = position;
  const known = { image, ...position };
  if (!normalize) return { ...known, input: tensor("float32", dims, data) };
  const into = owned ? data : new Float32Array(data.length);
  const constant = rescale(data, extremes, into);
  return {
    ...known,
    input: tensor("float32", dims, into),
    warnings: constant ? [...warnings, "the image is constant; it was made zero"] : warnings,
  };
}
