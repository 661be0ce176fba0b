import { type ImageGrid, mapPosition, readTemplate, type Template } from "@voxplain/caps-io";
import { type Affine, type FilePath, type FileSource, identityAffine } from "@voxplain/core";
import type { ExplorerImage } from "./engine.ts";

/** A template, and the images that it is for. */
export interface OpenTemplate {
  readonly template: Template;
  /** Ids; undefined for all images. */
  readonly images: ReadonlySet<string> | undefined;
}

/** @throws VoxplainError naming the file when it is no NIfTI, or gives no usable affine. */
export async function openTemplate(
  files: FileSource,
  path: FilePath,
  images: readonly ExplorerImage[] | undefined,
): Promise<OpenTemplate> {
  return { template: await readTemplate(files, path), images: images && new Set(images.map(({ id }) => id)) };
}

export function templateFor({ id }: ExplorerImage, open: OpenTemplate | undefined): Template | undefined {
  return open?.images === undefined || open.images.has(id) ? open?.template : undefined;
}

export interface Placed {
  /** The identity where the position is unknown. */
  readonly affine: Affine;
  readonly isPlaced: boolean;
  readonly warnings: readonly string[];
}

/** @throws VoxplainError for a template of another shape, or a broken affine without a template. */
export function placeVoxels(image: ImageGrid, template: Template | undefined): Placed {
  const { affine, warnings } = mapPosition(image, template);
  const ofTemplate = template?.warnings ?? [];
  if (affine !== undefined) return { affine, isPlaced: true, warnings: [...ofTemplate, ...warnings] };
  const isVolume = image.shape?.length === 3;
  const unknown = `the position of the voxels of ${image.name} is unknown: its map gets the identity as its affine`;
  return { affine: identityAffine, isPlaced: false, warnings: isVolume ? [unknown] : [] };
}

/** Millimetres between voxels of images that were prepared so, as the pipelines make them. */
const preparedVoxelSizes: Readonly<Record<string, number>> = {
  "t1-linear": 1,
  "t1-linear-downsampled": 2,
  "t1-extensive": 1.5,
  "t1-volume": 1.5,
};

/** Millimetres along each axis, where something says them. */
export function voxelSizeOf(
  { affine, isPlaced }: Placed,
  preprocessing: string | undefined,
): readonly number[] | undefined {
  if (isPlaced) {
    return [0, 1, 2].map((axis) => Math.hypot(affine[0][axis]!, affine[1][axis]!, affine[2][axis]!));
  }
  const size = preprocessing === undefined ? undefined : preparedVoxelSizes[preprocessing];
  return size === undefined ? undefined : [size, size, size];
}
