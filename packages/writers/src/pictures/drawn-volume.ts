import {
  elementAt,
  isSamePosition,
  strongestIndex,
  type Volume,
  type Voxel,
  VoxplainError,
  voxelAt,
} from "@voxplain/core";

/** What a picture of a volume is made of, beside the map. */
export interface Drawn {
  readonly anatomy?: Volume | undefined;
  readonly vmax?: number | undefined;
  readonly voxel?: Voxel | undefined;
}

/**
 * Checks what is drawn.
 * @throws VoxplainError `mismatch` where map and anatomy are not on the same grid, `invalid-argument` for a vmax that is not positive
 * and a voxel outside.
 */
export function checkDrawn(map: Volume, { anatomy, vmax, voxel }: Drawn): void {
  if (anatomy !== undefined) checkAnatomy(map, anatomy);
  for (const { data, shape } of anatomy === undefined ? [map] : [map, anatomy]) {
    if (data.length === shape[0] * shape[1] * shape[2] && data.length > 0) continue;
    throw new VoxplainError(
      "invalid-argument",
      `${data.length} values do not fill a volume [${shape.join(", ")}]`,
    );
  }
  if (vmax !== undefined && !(vmax > 0 && vmax < Number.POSITIVE_INFINITY)) {
    throw new VoxplainError(
      "invalid-argument",
      `vmax is the end of a colour scale and must be above 0, not ${vmax}`,
    );
  }
  if (
    voxel?.some((index, axis) => !Number.isInteger(index) || index < 0 || index >= elementAt(map.shape, axis))
  ) {
    throw new VoxplainError(
      "invalid-argument",
      `voxel [${voxel.join(", ")}] is not in the map, which is [${map.shape.join(", ")}]`,
    );
  }
}

/** The strongest voxel; the middle where the map says nothing. */
export function pointOfInterest({ data, shape }: Volume, strongest = strongestIndex(data)): Voxel {
  if (strongest !== undefined && data[strongest] !== 0) return voxelAt(strongest, shape);
  return [Math.floor(shape[0] / 2), Math.floor(shape[1] / 2), Math.floor(shape[2] / 2)];
}

function checkAnatomy(map: Volume, anatomy: Volume): void {
  if (map.shape.some((length, axis) => length !== anatomy.shape[axis])) {
    throw new VoxplainError(
      "mismatch",
      `the map is [${map.shape.join(", ")}] and the anatomy [${anatomy.shape.join(", ")}]: both must be on the same grid`,
    );
  }
  if (!isSamePosition(map.affine, anatomy.affine, map.shape)) {
    throw new VoxplainError(
      "mismatch",
      "the map and the anatomy have different affines: both must be on the same grid",
    );
  }
}
