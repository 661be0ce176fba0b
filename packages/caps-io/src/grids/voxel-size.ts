import { type Affine, type CapsImages, knownPosition, preparedImages, voxelSizes } from "@voxplain/core";

/**
 * Millimetres between voxels along each axis: those of the affine, else those of the images that their preprocessing makes.
 * Undefined where neither is known; an exact identity counts as unknown.
 */
export function voxelSizeOf(
  affine: Affine | undefined,
  images?: CapsImages,
): readonly [number, number, number] | undefined {
  const position = knownPosition(affine);
  if (position !== undefined) return voxelSizes(position);
  const size = images && preparedImages(images).voxelSize;
  return size === undefined ? undefined : [size, size, size];
}
