import { type Affine, knownPosition, type Preprocessing, preparedImages, voxelSizes } from "@voxplain/core";

/**
 * Millimetres between voxels along each axis: those of the affine, else those of the images that a preprocessing makes.
 * Undefined where neither is known; an exact identity counts as unknown.
 */
export function voxelSizeOf(
  affine: Affine | undefined,
  preprocessing?: Preprocessing,
): readonly [number, number, number] | undefined {
  const position = knownPosition(affine);
  if (position !== undefined) return voxelSizes(position);
  const size = preprocessing && preparedImages(preprocessing).voxelSize;
  return size === undefined ? undefined : [size, size, size];
}
