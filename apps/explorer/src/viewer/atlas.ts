import { type FilePlace, readMapGeometry } from "@voxplain/caps-io";
import {
  identityAffine,
  indexOfVoxel,
  knownPosition,
  type Point,
  VoxplainError,
  voxelLocator,
} from "@voxplain/core";
import { readAtlas } from "@voxplain/results/findings";
import type { AtlasFiles } from "../engine/engine.ts";

/** An atlas, and the names of its regions. */
export interface Atlas extends AtlasFiles {
  /** The file with the names of its regions. */
  readonly labels: FilePlace | undefined;
  /** The region at a place in millimetres; undefined outside all. */
  regionAt(millimetres: Point): string | undefined;
}

/**
 * Opens an atlas: an image of labels, and the names of its regions as the command takes them.
 * @throws VoxplainError naming the file, in the sentences of the command.
 */
export async function openAtlas(place: FilePlace, labels: FilePlace | undefined): Promise<Atlas> {
  const { shape, affine, affineError } = await readMapGeometry(place.source, place.below);
  if (affineError !== undefined)
    throw new VoxplainError("invalid-file", affineError, { hint: "correct its header" });
  const position = knownPosition(affine);
  const grid = { shape, affine: position ?? identityAffine };
  const { regions, places } = await readAtlas(place, labels, { grid, isPlaced: position !== undefined });
  const toVoxel = position && voxelLocator(position);
  return {
    name: place.below
      .slice(place.below.lastIndexOf("/") + 1)
      .replace(/\.(nii|nii\.gz|mgz|mgh|mgh\.gz)$/i, ""),
    ...{ place, labels },
    regionAt(millimetres) {
      // Half-way goes to the higher index, as where the command resamples an atlas.
      const voxel = toVoxel?.(millimetres).map((index) => Math.floor(index + halfWay)) as
        | [number, number, number]
        | undefined;
      if (voxel?.every((index, axis) => index >= 0 && index < shape[axis as 0 | 1 | 2]) !== true)
        return undefined;
      return regions[(places[indexOfVoxel(voxel, shape)] ?? 0) - 1]?.name;
    },
  };
}

const halfWay = 0.5 + 1e-6;
