import {
  type Affine,
  errorAt,
  type FilePath,
  type FileSource,
  isVoxplainError,
  readFile,
  VoxplainError,
} from "@voxplain/core";
import type { ImagePaths } from "./find-image.ts";
import type { ImageGrid } from "./grids/compare-grids.ts";
import type { Session } from "./labels.ts";
import { type Extremes, extremes } from "./min-max.ts";
import { readAffine, readNifti, readWholeGrid } from "./nifti.ts";
import { openImageTensor } from "./read-tensor.ts";

/** An image as it is stored. */
export interface StoredImage extends ImageGeometry {
  readonly data: Float32Array;
  /** Nobody else looks at the data: they may be changed. */
  readonly owned: boolean;
  readonly extremes: Extremes;
}

/** Whose files they are, and where. */
interface SessionFiles {
  readonly session: Session;
  readonly caps: FileSource;
}

/** What is known of an image without its values. */
export interface ImageGeometry {
  /** [1, X, Y, Z] or [C, H, W]. */
  readonly dims: readonly number[];
  readonly affine?: Affine;
  /** Why the position that its NIfTI gives cannot be used; names the file. */
  readonly affineError?: string;
  readonly warnings: readonly string[];
}

/** @throws VoxplainError naming participant, session and file. */
export async function loadImage(located: SessionFiles, image: ImagePaths): Promise<StoredImage> {
  const { caps } = located;
  return naming(located, image.path, async () => {
    const content = image.format === "nifti" ? await fromNifti(caps, image) : await fromTensor(caps, image);
    const found = extremes(content.data);
    if (found.notFinite > 0) throw notFinite(found.notFinite, content.data.length);
    return { ...content, extremes: found };
  });
}

/** As `loadImage`, of which only the beginning of the file is read. */
export async function readGeometry(located: SessionFiles, image: ImagePaths): Promise<ImageGeometry> {
  const { caps } = located;
  return naming(located, image.path, async () => {
    if (image.format === "nifti") {
      const { shape, ...position } = await readWholeGrid(caps, image.path, { most: 1 });
      return { dims: [1, ...shape], ...position };
    }
    const { dims } = await openImageTensor(caps, image.path);
    return { dims, ...(await placeOf(caps, image.nifti, dims)) };
  });
}

/** The grid of an image without its channels. */
export function gridOf({ dims, affine, affineError }: ImageGeometry): Omit<ImageGrid, "name"> {
  return { shape: dims.slice(1), ...(affine && { affine }), ...(affineError && { affineError }) };
}

/** Adds to errors whose file it was. */
export async function naming<T>(
  { session, caps }: SessionFiles,
  path: FilePath,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    const file = `${caps.name}/${path}`;
    const place = { session: session.name, ...(error.message.includes(file) ? {} : { file }) };
    throw errorAt(error, place);
  }
}

export function notFinite(count: number, length: number): VoxplainError {
  return new VoxplainError(
    "invalid-file",
    `${count} of ${length} values are NaN or infinite; no network can read such an image`,
  );
}

async function fromNifti(caps: FileSource, { path }: ImagePaths) {
  const { data, shape, ...position } = await readNifti(await readFile(caps, path), `${caps.name}/${path}`);
  return { dims: [1, ...shape], data, owned: true, ...position };
}

async function fromTensor(caps: FileSource, { path, nifti }: ImagePaths) {
  const { dims, read } = await openImageTensor(caps, path);
  // What was read may be a view of the file's own bytes.
  return { dims, data: await read(), owned: false, ...(await placeOf(caps, nifti, dims)) };
}

/** The position of the voxels, from the NIfTI that the tensor was made from. The tensor can be used without it. */
async function placeOf(
  caps: FileSource,
  nifti: string | undefined,
  dims: readonly number[],
): Promise<Omit<ImageGeometry, "dims">> {
  if (nifti === undefined) return { warnings: [] };
  try {
    const { shape, ...position } = await readAffine(caps, nifti);
    if (shape.join() === dims.slice(-3).join()) return position;
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
