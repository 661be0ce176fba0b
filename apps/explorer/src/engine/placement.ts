import { affineOf, type ImageGrid, type Template } from "@voxplain/caps-io";
import { type Affine, identityAffine } from "@voxplain/core";

export interface Placed {
  /** The identity where the position is unknown. */
  readonly affine: Affine;
  readonly isPlaced: boolean;
  readonly warnings: readonly string[];
}

/** @throws VoxplainError for a template of another shape, or a broken affine without a template. */
export function placeVoxels(image: ImageGrid, template: Template | undefined): Placed {
  const { affine, warnings } = affineOf(image, template);
  const ofTemplate = template?.warnings ?? [];
  if (affine !== undefined) return { affine, isPlaced: true, warnings: [...ofTemplate, ...warnings] };
  const isVolume = image.shape?.length === 3;
  const unknown = `the position of the voxels of ${image.name} is unknown: its map gets the identity as its affine`;
  return { affine: identityAffine, isPlaced: false, warnings: isVolume ? [unknown] : [] };
}
