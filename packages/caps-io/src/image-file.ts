import {
  type Affine,
  type FilePath,
  type FileSource,
  readFile,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";
import { readVolumes } from "./nifti.ts";
import { decodeNpy } from "./npy.ts";
import type { PictureKind } from "./pictures/picture.ts";
import { openTensor } from "./read-tensor.ts";
import { toFloat32 } from "./to-float32.ts";

/** An image from a file of any of the formats, as it is stored. */
export interface ImageFile {
  /**
   * In the file's own axes: [X, Y, Z] of a NIfTI, [volumes, X, Y, Z] of one that holds several; whatever was saved of
   * a tensor or an array; [C, H, W] of a picture.
   */
  readonly values: Tensor<"float32">;
  /** Where the voxels lie; of a NIfTI. */
  readonly affine?: Affine;
  /** What the channels are; of a picture. */
  readonly picture?: PictureKind;
}

/** Volumes of a NIfTI that can be channels; more are a time series. */
const mostChannels = 64;

/** What `readImageFile` reads, by the ends of the files' names. */
const endings = [".nii", ".nii.gz", ".npy", ".pt", ".png", ".jpg", ".jpeg"] as const;

/**
 * Reads a NIfTI, an array that numpy saved, a tensor that PyTorch saved, or a PNG or JPEG: the values that are stored.
 * @throws VoxplainError `not-found`, `invalid-file` or `unsupported` naming the file.
 */
export async function readImageFile(source: FileSource, path: FilePath): Promise<ImageFile> {
  const name = `${source.name}/${path}`;
  const ending = path.toLowerCase();
  if (ending.endsWith(".nii") || ending.endsWith(".nii.gz")) {
    const bytes = await readFile(source, path);
    const { data, shape, volumes, affine } = await readVolumes(bytes, name, mostChannels);
    const dims = volumes === 1 ? shape : [volumes, ...shape];
    return { values: tensor("float32", dims, data), affine };
  }
  if (ending.endsWith(".npy")) {
    const array = decodeNpy(await readFile(source, path), name);
    return { values: tensor("float32", array.dims, toFloat32(array)) };
  }
  if (ending.endsWith(".pt")) {
    const { dims, read } = await openTensor(source, path);
    return { values: tensor("float32", dims, await read()) };
  }
  if (/\.(png|jpe?g)$/.test(ending)) {
    const { decodePicture } = await import("./pictures/picture.ts");
    const { values, kind } = await decodePicture(await readFile(source, path), name);
    return { values, picture: kind };
  }
  throw new VoxplainError(
    "unsupported",
    `${name} is no image that can be read here: its name ends in none of ${endings.join(", ")}`,
  );
}
