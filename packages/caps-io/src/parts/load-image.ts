import {
  type Affine,
  type CapsImages,
  elementCount,
  errorAt,
  type FilePath,
  type FileSource,
  isVoxplainError,
  pauses,
  readFile,
  VoxplainError,
} from "@voxplain/core";
import type { ImagePaths } from "../caps/find-image.ts";
import { is2d } from "../caps/layout.ts";
import type { Session } from "../cohorts/labels.ts";
import type { ImageGrid } from "../grids/compare-grids.ts";
import { channelLayout, checkChannels } from "../inputs/channels.ts";
import { type Extremes, extremes } from "../transforms/min-max.ts";
import { replaceNaN } from "../transforms/replace-nan.ts";
import { type ImageHeader, readImageFile, readImageHeader } from "../volumes/image-file.ts";
import { readAffine, readNifti, readWholeGrid } from "../volumes/nifti.ts";
import { openImageTensor } from "../volumes/read-tensor.ts";

/** An image as it is stored. */
export interface StoredImage extends ImageGeometry {
  readonly data: Float32Array;
  /** Nobody else looks at the data: they may be changed. */
  readonly owned: boolean;
  readonly extremes: Extremes;
}

/** An image before its values are looked at. */
interface StoredContent extends Omit<StoredImage, "extremes"> {
  /** Values that are 0 here and NaN in the file. */
  readonly notANumber?: number;
}

/** Whose files they are, and where. */
interface SessionFiles {
  readonly session: Session;
  readonly caps: FileSource;
}

/** With what the images are. */
interface ImageFiles extends SessionFiles {
  readonly images: CapsImages;
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

/**
 * Reads an image. NaN becomes 0 for networks of ClinicaDL 1.x, which were trained so.
 * @throws VoxplainError naming participant, session and file.
 */
export async function loadImage(located: ImageFiles, image: ImagePaths): Promise<StoredImage> {
  return naming(located, image.path, async () => {
    const pause = pauses(undefined);
    const { notANumber = 0, ...content } = await contentOf(located, image);
    await pause();
    const found = extremes(content.data);
    if (found.notFinite === 0 && notANumber === 0) return { ...content, extremes: found };
    const { data, warnings } = withoutNaN(content.data, located.images, notANumber);
    return {
      ...{ ...content, data, owned: true, extremes: extremes(data) },
      warnings: [...content.warnings, ...warnings],
    };
  });
}

/**
 * Values that a network can read.
 * @param before - How many were NaN and are 0 by the reading of the file: networks of ClinicaDL 0.2 take them so.
 * @throws VoxplainError `invalid-file` for infinite values; for networks of ClinicaDL 0.2 also for NaN.
 */
export function withoutNaN(
  data: Float32Array,
  { generation }: CapsImages,
  before = 0,
): { readonly data: Float32Array; readonly warnings: readonly string[] } {
  const isNew = generation === "1.x";
  const replaced = isNew ? replaceNaN(data) : { data, count: 0 };
  const left = extremes(replaced.data).notFinite;
  if (left > 0) throw notFinite(left, data.length);
  const count = isNew ? replaced.count + before : 0;
  const warning = `${count} of ${data.length} values are NaN: they were made 0, as in the training`;
  return { data: replaced.data, warnings: count === 0 ? [] : [warning] };
}

async function contentOf({ caps, images }: ImageFiles, image: ImagePaths): Promise<StoredContent> {
  switch (image.format) {
    case "nifti":
      return fromNifti(caps, image);
    case "tensor":
      return fromTensor(caps, image);
    case "file":
      return fromFile(caps, image, images);
  }
}

/** As `loadImage`, of which only the beginning of the file is read. */
export async function readGeometry(located: ImageFiles, image: ImagePaths): Promise<ImageGeometry> {
  const { caps, images } = located;
  return naming(located, image.path, async () => {
    if (image.format === "file") return fileGeometry(await readImageHeader(caps, image.path), images);
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

async function fromFile(caps: FileSource, { path }: ImagePaths, images: CapsImages) {
  const { values, notANumber = 0, ...header } = await readImageFile(caps, path);
  const geometry = fileGeometry({ ...header, dims: values.dims }, images);
  const data = values.data.subarray(0, elementCount(geometry.dims));
  return { ...geometry, data, owned: false, notANumber };
}

/**
 * An image of any file with its one channel in front, as a CAPS has it. An array may have an axis of length 1 behind
 * those of space.
 */
function fileGeometry(header: ImageHeader, images: CapsImages): ImageGeometry {
  const { name, dims: stored, affine, affineError, warnings } = header;
  const channels = 1;
  const rank = is2d(images) ? 3 : 4;
  const isLastEmpty = rank === 4 && stored.length === 4 && stored[0] !== 1 && stored[3] === 1;
  const own = isLastEmpty ? { ...header, dims: [1, ...stored.slice(0, 3)] } : header;
  const { dims } = channelLayout(own, { rank, channels, channelsLast: false });
  checkChannels(dims, name, channels);
  return { dims, ...(affine && { affine }), ...(affineError && { affineError }), warnings };
}

async function fromNifti(caps: FileSource, { path }: ImagePaths) {
  const { data, shape, ...position } = await readNifti(await readFile(caps, path), `${caps.name}/${path}`);
  return { dims: [1, ...shape], data, owned: true, ...position };
}

async function fromTensor(caps: FileSource, { path, nifti }: ImagePaths) {
  const { dims, read, owned } = await openImageTensor(caps, path);
  return { dims, data: await read(), owned, ...(await placeOf(caps, nifti, dims)) };
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
