import { decodeMap, type FilePlace, readMapGeometry, readRegionNames } from "@voxplain/caps-io";
import {
  errorAt,
  identityAffine,
  isVoxplainError,
  knownPosition,
  readFile,
  VoxplainError,
} from "@voxplain/core";
import { type LabelImage, type RegionAtlas, regionAtlas, resampleMask } from "@voxplain/group-analysis";
import { type MapSet, placeHint } from "./map-set.ts";

/**
 * The atlas in a file, brought onto the grid of the maps.
 * @param labels - A file with the names of its regions, of any kind that `readRegionNames` knows.
 * @throws VoxplainError naming the file: what cannot be read, is no label image, covers no voxel of the maps, or cannot be placed.
 */
export async function readAtlas(
  place: FilePlace,
  labels: FilePlace | undefined,
  set: Pick<MapSet, "grid" | "isPlaced">,
): Promise<RegionAtlas> {
  const names = labels === undefined ? new Map<number, string>() : await readRegionNames(labels);
  const { image, name } = await labelImage(place, set);
  return regionAtlas(image, set.grid, names, name);
}

/**
 * A mask in a file, brought onto the grid of the maps: 1 where the image is not 0.
 * @throws VoxplainError as `readAtlas`.
 */
export async function readMaskImage(
  place: FilePlace,
  set: Pick<MapSet, "grid" | "isPlaced">,
): Promise<Uint8Array> {
  const { image, name } = await labelImage(place, set);
  return resampleMask(image, set.grid, name);
}

/** Values are read as float32, which holds whole numbers up to here. */
const mostLabel = 2 ** 24;

async function labelImage(
  { source, below }: FilePlace,
  { grid, isPlaced }: Pick<MapSet, "grid" | "isPlaced">,
): Promise<{ readonly image: LabelImage; readonly name: string }> {
  const { name, shape, affine, affineError } = await readMapGeometry(source, below);
  if (affineError !== undefined)
    throw new VoxplainError("invalid-file", affineError, { hint: "correct its header" });
  const position = knownPosition(affine);
  const sameShape = shape.every((length, axis) => length === grid.shape[axis]);
  if (isPlaced && position === undefined) {
    throw new VoxplainError("mismatch", "its position is unknown, and that of the maps is known", {
      file: name,
      hint: "correct its header",
    });
  }
  if (!isPlaced && (position !== undefined || !sameShape)) {
    throw new VoxplainError("mismatch", "it is not on the grid of the maps, and their position is unknown", {
      file: name,
      hint: placeHint,
    });
  }
  try {
    const data = await decodeMap(await readFile(source, below), below, name);
    const large = data.find((value) => value > mostLabel);
    if (large !== undefined) {
      throw new VoxplainError("unsupported", "it holds numbers that are too large to be read exactly", {
        expected: `labels up to ${mostLabel}`,
        found: String(large),
        hint: "number the regions anew",
      });
    }
    return { image: { data, shape, affine: position ?? identityAffine }, name };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    throw errorAt(error, { file: name });
  }
}
