import { type FileSink, type FileSource, readFile, VoxplainError } from "@voxplain/core";
import type { MeanMaps } from "@voxplain/study";
import { allSettled } from "./write-map.ts";

const ending = ".under";

/**
 * Keeps what is drawn below the maps of a session until it is known whether they are drawn: a byte a voxel, from its lowest value to its
 * highest. It is no file of the result.
 */
export async function keepUnder(
  sink: FileSink,
  folder: string,
  { ofInputs, recomposed }: MeanMaps,
): Promise<void> {
  const keep = (name: string, anatomy: Float32Array | undefined) =>
    anatomy === undefined ? [] : [sink.write(`${folder}${name}${ending}`, greysOf(anatomy))];
  await allSettled(
    ...keep("map", ofInputs && ofInputs.map.dims.length > 3 ? ofInputs.anatomy : undefined),
    ...keep("recomposed", recomposed?.anatomy),
  );
}

/**
 * What was kept for a map; undefined where nothing is known of it.
 * @param map - The path of the map, without its ending.
 * @param length - Voxels of the map.
 * @throws VoxplainError `invalid-file` where it is not whole.
 */
export async function readUnder(
  source: FileSource,
  map: string,
  length: number,
): Promise<Float32Array | undefined> {
  const path = `${map}${ending}`;
  if ((await source.open(path)) === undefined) return undefined;
  const greys = await readFile(source, path);
  // The first of several channels is shown.
  if (greys.length >= length) return Float32Array.from(greys.subarray(0, length));
  throw new VoxplainError("invalid-file", "what is drawn below the map is not whole", {
    file: `${source.name}/${path}`,
    hint: "start the job again from its beginning, which makes it anew, instead of resuming it (--resume)",
  });
}

function greysOf(anatomy: Float32Array): Uint8Array {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of anatomy) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high > low ? 255 / (high - low) : 0;
  return Uint8Array.from(anatomy, (value) =>
    Number.isFinite(value) ? Math.round((value - low) * scale) : 0,
  );
}
