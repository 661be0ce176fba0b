import { type Affine, knownPosition, voxelSizes } from "@voxplain/core";
import { layoutOf, type Preprocessing } from "../layout.ts";

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
  const spacing = preprocessing && layoutOf(preprocessing).spacing;
  return spacing === undefined ? undefined : [spacing, spacing, spacing];
}
