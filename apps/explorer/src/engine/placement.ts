import { type ImageGrid, mapPosition, type Template } from "@voxplain/caps-io";
import { type Affine, identityAffine } from "@voxplain/core";

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
