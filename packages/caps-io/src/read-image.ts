import {
  type Affine,
  elementCount,
  type FileSource,
  isVoxplainError,
  readFile,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";
import { openCheckpoint, rootTensor } from "@voxplain/torch-checkpoint";
import type { CapsImage } from "./caps-image.ts";
import { extremes, rescale } from "./min-max.ts";
import { readAffine, readNifti } from "./nifti.ts";
import { toFloat32 } from "./to-float32.ts";

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
 * @throws VoxplainError naming participant, session and file when it is damaged, of another shape, or
 * holds NaN or infinite values, of which no network can make anything.
 */
export async function readImage(
  caps: FileSource,
  image: CapsImage,
  options: ReadOptions,
): Promise<InputImage> {
  const { participantId, sessionId } = image.session;
  const file = `${caps.name}/${image.path}`;
  try {
    const content =
      image.format === "nifti" ? await fromNifti(caps, image, file) : await fromTensor(caps, image, file);
    const { input, constant } = transform(content, options);
    const warnings = [...content.warnings, ...(constant ? ["the image is constant; it was made zero"] : [])];
    return { image, input, ...(content.affine && { affine: content.affine }), warnings };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    const where = error.message.includes(file) ? "" : `${file}: `;
    throw new VoxplainError(error.code, `${participantId} ${sessionId}: ${where}${error.message}`, {
      cause: error,
    });
  }
}

interface Content {
  readonly dims: readonly number[];
  readonly data: Float32Array;
  /** Nobody else looks at the data: they may be changed. */
  readonly owned: boolean;
  readonly affine?: Affine;
  readonly warnings: readonly string[];
}

function transform({ dims, data, owned }: Content, { normalize }: ReadOptions) {
  const found = extremes(data);
  if (found.notFinite > 0) {
    throw new VoxplainError(
      "invalid-file",
      `${found.notFinite} of ${data.length} values are NaN or infinite; no network can read such an image`,
    );
  }
  if (!normalize) return { input: tensor("float32", dims, data), constant: false };
  const into = owned ? data : new Float32Array(data.length);
  const constant = rescale(data, found, into);
  return { input: tensor("float32", dims, into), constant };
}

async function fromNifti(caps: FileSource, { path }: CapsImage, file: string): Promise<Content> {
  const { data, shape, affine } = await readNifti(await readFile(caps, path), file);
  return { dims: [1, ...shape], data, owned: true, affine, warnings: [] };
}

async function fromTensor(caps: FileSource, { path, nifti }: CapsImage, file: string): Promise<Content> {
  const reader = await caps.open(path);
  if (reader === undefined) throw new VoxplainError("not-found", `there is no file ${file}`);
  const stored = rootTensor(await openCheckpoint(reader, { name: file }));
  const { dims } = stored;
  const image = (dims.length === 4 && dims[0] === 1) || dims.length === 3;
  if (!image || elementCount(dims) === 0) {
    throw new VoxplainError(
      "invalid-file",
      `${file} holds a tensor of shape [${dims.join(", ")}]; an image is [1, X, Y, Z] or [C, H, W]`,
    );
  }
  // What was read may be a view of the file's own bytes.
  const content = { dims, data: toFloat32(await stored.read()), owned: false, warnings: [] };
  return nifti === undefined ? content : { ...content, ...(await placeOf(caps, nifti, dims)) };
}

/** Where the voxels lie, from the NIfTI that the tensor was made from. The tensor is good without it. */
async function placeOf(caps: FileSource, nifti: string, dims: readonly number[]) {
  try {
    const { affine, shape } = await readAffine(caps, nifti);
    if (shape.join() === dims.slice(-3).join()) return { affine, warnings: [] };
    return {
      warnings: [
        `${nifti} has ${shape.join("×")} voxels, its tensor has ${dims.slice(-3).join("×")}: its affine is not used`,
      ],
    };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return { warnings: [`${error.message}; its affine is not used`] };
  }
}
