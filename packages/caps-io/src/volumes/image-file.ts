import {
  type Affine,
  decodeNpy,
  type FilePath,
  type FileSource,
  float32Values,
  npyHeaderBytes,
  type RangeReader,
  readFile,
  readNpyHeader,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";
import type { ImageGrid } from "../grids/compare-grids.ts";
import type { PictureKind } from "../pictures/decoded-picture.ts";
import { isMghName } from "./mgh-header.ts";
import { readVolumes, readWholeGrid, readWholeHeader } from "./nifti.ts";
import { openTensor } from "./read-tensor.ts";

/** An image from a file of any of the formats, as it is stored. */
export interface ImageFile {
  /** The file, for messages. */
  readonly name: string;
  /**
   * In the file's own axes: [X, Y, Z] of a NIfTI or an MGH image, [volumes, X, Y, Z] of a NIfTI that holds several; whatever
   * was saved of a tensor or an array; [C, H, W] of a picture.
   */
  readonly values: Tensor<"float32">;
  /** Whether it is a NIfTI or an MGH image: its axes are those of space, and a slice has a third one of one voxel. */
  readonly hasSpatialAxes?: boolean;
  /** Voxel indices to mm, where the header of the file gives it. */
  readonly affine?: Affine;
  /** Values that are 0 here and NaN in the file; of a NIfTI or an MGH image. */
  readonly notANumber?: number;
  /** What the channels are; of a picture. */
  readonly picture?: PictureKind;
  /** Why the position that the header gives cannot be used; names the file. */
  readonly affineError?: string;
  /** Sentences about the header. */
  readonly warnings: readonly string[];
}

/** What is known of an image without its values. */
export type ImageHeader = Omit<ImageFile, "values" | "notANumber"> & {
  /** As the file has them. */
  readonly dims: readonly number[];
};

/** Volumes of a NIfTI that can be channels; more are a time series. */
const mostChannels = 64;

/** What `readImageFile` reads, by the ends of the files' names. */
const endings = [
  ".nii.gz",
  ".nii",
  ".mgz",
  ".mgh.gz",
  ".mgh",
  ".npy",
  ".pt",
  ".png",
  ".jpg",
  ".jpeg",
] as const;

/** Whether a file's name says that it holds a volume with a header: a NIfTI, or FreeSurfer's MGH format. */
export function isVolumeName(name: string): boolean {
  return /\.nii(\.gz)?$/i.test(name) || isMghName(name);
}

/** The end of a name that says that it is an image: ".nii.gz", say. Undefined for other files. */
export function imageEnding(name: string): string | undefined {
  const lower = name.toLowerCase();
  return endings.find((ending) => lower.endsWith(ending));
}

/** A sentence about a file whose name has none of these ends. */
export function noImageName(name: string): string {
  if (/\.(hdr|img)(\.gz)?$/i.test(name)) {
    return `${name} is one of the two files of a pair (.hdr and .img), which is not read: save the image as one file, .nii or .nii.gz`;
  }
  return `${name} is not a supported image: its name ends in none of ${endings.join(", ")}`;
}

/**
 * Reads a NIfTI, an image of FreeSurfer (.mgz), an array that numpy saved, a tensor that PyTorch saved, or a PNG or JPEG: the values that are stored.
 * @throws VoxplainError `not-found`, `invalid-file` or `unsupported` naming the file.
 */
export async function readImageFile(source: FileSource, path: FilePath): Promise<ImageFile> {
  const name = `${source.name}/${path}`;
  const ending = path.toLowerCase();
  if (isVolumeName(path)) {
    const bytes = await readFile(source, path);
    const { data, shape, volumes, ...position } = await readVolumes(bytes, name, mostChannels);
    const dims = volumes === 1 ? shape : [volumes, ...shape];
    return { name, values: tensor("float32", dims, data), hasSpatialAxes: true, ...position };
  }
  if (ending.endsWith(".npy")) {
    const array = decodeNpy(await readFile(source, path), name);
    return { name, values: tensor("float32", array.dims, float32Values(array)), warnings: [] };
  }
  if (ending.endsWith(".pt")) {
    const { dims, read } = await openTensor(source, path);
    return { name, values: tensor("float32", dims, await read()), warnings: [] };
  }
  if (/\.(png|jpe?g)$/.test(ending)) {
    const { decodePicture } = await import("../pictures/picture.ts");
    const { values, kind } = await decodePicture(await readFile(source, path), name);
    return { name, values, picture: kind, warnings: [] };
  }
  throw new VoxplainError("unsupported", noImageName(name));
}

/**
 * What `readImageFile` gives, without the values: only the beginning of a volume, an array or a tensor is read.
 * @throws VoxplainError as `readImageFile`, as far as headers show it.
 */
export async function readImageHeader(source: FileSource, path: FilePath): Promise<ImageHeader> {
  const name = `${source.name}/${path}`;
  const ending = path.toLowerCase();
  if (isVolumeName(path)) {
    const { geometry, volumes } = await readWholeHeader(source, path, { most: mostChannels });
    const { shape, ...position } = geometry;
    return { name, dims: volumes === 1 ? shape : [volumes, ...shape], hasSpatialAxes: true, ...position };
  }
  if (ending.endsWith(".npy")) {
    const reader = await openFile(source, path);
    const start = await reader.read(0, Math.min(reader.byteLength, npyHeaderBytes));
    return { name, dims: readNpyHeader(start, reader.byteLength, name).dims, warnings: [] };
  }
  if (ending.endsWith(".pt")) return { name, dims: (await openTensor(source, path)).dims, warnings: [] };
  const { values, ...known } = await readImageFile(source, path);
  return { ...known, dims: values.dims };
}

async function openFile(source: FileSource, path: FilePath): Promise<RangeReader> {
  const reader = await source.open(path);
  if (reader !== undefined) return reader;
  throw new VoxplainError("not-found", "there is no such file", { file: `${source.name}/${path}` });
}

/**
 * The grid of an image file, from the beginning of it: of a NIfTI or an MGH image. Other files give none.
 * @throws VoxplainError `not-found` or `invalid-file` naming the file.
 */
export async function readImageGrid(
  source: FileSource,
  path: FilePath,
): Promise<ImageGrid & Pick<ImageFile, "warnings">> {
  const name = `${source.name}/${path}`;
  if (!isVolumeName(path)) return { name, warnings: [] };
  return { name, ...(await readWholeGrid(source, path, { most: mostChannels })) };
}
