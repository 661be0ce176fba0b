import { type FilePath, type FileSource, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { ImageGrid } from "../grids/compare-grids.ts";
import { type ImageFile, readImageFile } from "../volumes/image-file.ts";

/** Values on the grid of images: labels of an atlas, a mask. */
export interface GridFile {
  /** Along the spatial axes alone: [X, Y, Z] or [H, W]. */
  readonly values: Tensor<"float32">;
  /** Its position, as its header gives it, for `checkCompanion`. */
  readonly grid: ImageGrid & Pick<ImageFile, "warnings">;
}

/**
 * Reads a file that holds one value per voxel of the images: without leading axes of length 1, and without the third axis of
 * a NIfTI slice where the images have two.
 * @param axes - Spatial axes of the images: 3, or 2 for pictures and slices.
 * @throws VoxplainError as `readImageFile`; `mismatch` naming the file for another number of axes.
 */
export async function readGridFile(source: FileSource, path: FilePath, axes: number): Promise<GridFile> {
  const { name, values, affine, affineError, warnings } = await readImageFile(source, path);
  const { dims } = values;
  const isSlice = axes === 2 && dims.length >= 3 && dims.at(-1) === 1;
  const flat = isSlice ? dims.slice(0, -1) : dims;
  const surplus = flat.length - axes;
  if (surplus < 0 || flat.slice(0, surplus).some((length) => length !== 1)) {
    throw new VoxplainError("mismatch", "the file has another number of axes than the images", {
      file: name,
      expected: `${axes} axes`,
      found: `[${dims.join(", ")}]`,
    });
  }
  const shape = flat.slice(surplus);
  return {
    values: tensor("float32", shape, values.data),
    grid: { name, shape, warnings, ...(affine && { affine }), ...(affineError && { affineError }) },
  };
}

/** Which voxels of the images count. */
export interface MaskFile extends Pick<GridFile, "grid"> {
  /** The file, for messages. */
  readonly name: string;
  /** [X, Y, Z] or [H, W]. */
  readonly dims: readonly number[];
  /** Row-major: 1 inside, 0 outside. */
  readonly inside: Uint8Array;
}

/**
 * Reads a mask on the grid of the images.
 * @throws VoxplainError as `readGridFile`; `invalid-file` for values other than 0 and 1, and for a mask without voxels.
 */
export async function readMask(source: FileSource, path: FilePath, axes: number): Promise<MaskFile> {
  const { values, grid } = await readGridFile(source, path, axes);
  const { name } = grid;
  const other = values.data.find((value) => value !== 0 && value !== 1);
  if (other !== undefined) {
    throw new VoxplainError("invalid-file", "the mask holds other values than 0 and 1", {
      file: name,
      found: `${other}`,
      hint: "save one region as 1 and everything else as 0",
    });
  }
  if (!values.data.includes(1))
    throw new VoxplainError("invalid-file", "the mask has no voxel", { file: name });
  return { name, dims: values.dims, inside: Uint8Array.from(values.data), grid };
}
