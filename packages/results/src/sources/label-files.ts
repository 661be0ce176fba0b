import type { RegionAtlas } from "@voxplain/group-analysis";
import { fileAt } from "@voxplain/study/node";
import { readAtlas, readMaskImage } from "./label-images.ts";
import type { MapSet } from "./map-set.ts";

/**
 * The atlas in a file of this machine, brought onto the grid of the maps.
 * @param labels - A file with the names of its regions, of any kind that `readRegionNames` knows.
 * @throws VoxplainError naming the file: what cannot be read, is no label image, covers no voxel of the maps, or cannot be placed.
 */
export async function atlasAt(path: string, labels: string | undefined, set: MapSet): Promise<RegionAtlas> {
  const names = labels === undefined ? undefined : fileAt(labels, "labels");
  return readAtlas(fileAt(path, "atlas"), names, set);
}

/**
 * A mask in a file of this machine, brought onto the grid of the maps: 1 where the image is not 0.
 * @param option - The option that gave the path, for messages.
 * @throws VoxplainError as `atlasAt`.
 */
export async function maskAt(path: string, option: string, set: MapSet): Promise<Uint8Array> {
  return readMaskImage(fileAt(path, option), set);
}
