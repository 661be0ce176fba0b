import {
  type Companion,
  checkCohort,
  checkCompanion,
  type ImageGrid,
  readImageGrid,
  refusedImages,
} from "@voxplain/caps-io";
import type { Affine } from "@voxplain/core";
import { fileAt } from "@voxplain/study/node";

/** The grids of the images, from the headers of their files. */
export interface ImageGrids {
  /** In the order of the images. */
  readonly grids: readonly ImageGrid[];
  readonly warnings: readonly string[];
}

/**
 * Reads the headers of the images that are to be explained.
 * @throws VoxplainError `invalid-file` naming each file whose affine cannot be used.
 */
export async function readImageGrids(paths: readonly string[]): Promise<ImageGrids> {
  const read = await Promise.all(paths.map(gridOfFile));
  const { refused, warnings } = checkCohort(read, { result: "maps" });
  if (refused.size > 0) throw refusedImages([...refused.values()], paths.length, "images");
  return { grids: read, warnings: [...read.flatMap((image) => image.warnings), ...warnings] };
}

/** The grid of an image or an atlas from its header; only NIfTI files have one. */
export function gridOfFile(path: string) {
  const { source, below } = fileAt(path, "image");
  return readImageGrid(source, below);
}

/** Atlases and images that the images are compared with. */
export interface Companions {
  add(companion: Companion): void;
  /** @returns Warnings. @throws VoxplainError `mismatch` with both affines where one is on another grid. */
  check(images: readonly ImageGrid[]): readonly string[];
}

export function companions(): Companions {
  const known = new Map<string, Companion>();
  return {
    add: (companion) => void known.set(companion.name, companion),
    check(images) {
      const found = [...known.values()].flatMap((companion) => checkCompanion(companion, images));
      return found.length > 1 ? [`${found[0]} (and ${found.length - 1} more)`] : found;
    },
  };
}

/** An image after its preprocessing, which may have changed its grid. */
export function preparedGrid(name: string, dims: readonly number[], affine: Affine | undefined): ImageGrid {
  return { name, shape: dims.slice(1), ...(affine && { affine }) };
}
