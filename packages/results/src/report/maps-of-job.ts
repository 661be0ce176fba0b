import { identityAffine, isVoxplainError, type Volume, VoxplainError } from "@voxplain/core";
import type { ReportedPicture, ReportedTypicality } from "@voxplain/report";
import { planeIn, volumeIfThere } from "../maps/read-map.ts";
import { readJobMaps } from "../sources/job-maps.ts";
import { openMapSet } from "../sources/open-map-set.ts";
import { mapName } from "../sources/source-map.ts";
import type { OpenedResult } from "./open-result.ts";
import { planePicture, planesPicture, slicesPicture } from "./pictures.ts";
import type { ReadOptions } from "./read-options.ts";
import type { StoredObject } from "./stored-json.ts";
import { reportedTypicality, sessionPicture, typicalSessions } from "./typical-sessions.ts";

/** What is shown of the maps of a job. */
export interface ShownMaps {
  /** Pictures of the mean map. */
  readonly pictures: readonly ReportedPicture[];
  readonly typicality?: ReportedTypicality;
  /** Why something is not shown. */
  readonly note?: string;
}

/** The mean map that a job wrote. @throws VoxplainError naming the folder, where none of its files is there. */
export async function meanMapOf(
  { source }: OpenedResult,
  provenance: StoredObject,
  { anatomies }: ReadOptions,
): Promise<ShownMaps> {
  const map =
    (await volumeIfThere(source, "recomposed.nii.gz")) ?? (await volumeIfThere(source, "map.nii.gz"));
  if (map !== undefined)
    return { pictures: await picturesOf(map, await anatomies.ofJob(provenance, map), "the mean map") };
  if ((await source.open("map.npy")) === undefined) {
    throw new VoxplainError("not-found", "the mean map is missing", {
      file: `${source.name}/map.nii.gz`,
      hint: "the result is incomplete: run its command again (--overwrite)",
    });
  }
  const plane = await planeIn(source, "map.npy");
  return { pictures: plane === undefined ? [] : [await planePicture(plane, { what: "the mean map" })] };
}

async function picturesOf(
  map: Volume,
  anatomy: Volume | undefined,
  what: string,
): Promise<ReportedPicture[]> {
  return [await planesPicture(map, anatomy, { what }), await slicesPicture(map, anatomy, { what })];
}

/** The mean of the maps of all sessions, and how they resemble each other. */
export async function mapsOfSessions(
  opened: OpenedResult,
  provenance: StoredObject,
  options: ReadOptions,
): Promise<ShownMaps> {
  const { maps } = await readJobMaps(opened.source);
  const [first] = maps;
  const plane = first?.place.below.endsWith(".npy")
    ? await planeIn(first.place.source, first.place.below)
    : undefined;
  if (plane !== undefined) return planesOfSessions(maps, plane.dims, options);
  try {
    return await volumesOfSessions(opened, provenance, options);
  } catch (error) {
    // Maps on their own grids have no mean.
    if (!isVoxplainError(error, "mismatch")) throw error;
    return { pictures: [], note: `The maps have no mean: ${error.message}` };
  }
}

async function volumesOfSessions(
  { path }: OpenedResult,
  provenance: StoredObject,
  { anatomies, onProgress }: ReadOptions,
): Promise<ShownMaps> {
  const set = await openMapSet([path]);
  const maps = set.sources.flatMap((source) => source.maps);
  const found = await typicalSessions(maps, set.read, onProgress);
  const grid = { shape: set.grid.shape, affine: set.isPlaced ? set.grid.affine : identityAffine };
  const mean: Volume = { ...grid, data: Float32Array.from(found.mean) };
  const what = `the mean map of ${maps.length} ${maps.length === 1 ? "session" : "sessions"}`;
  const typicality = await reportedTypicality(maps, found, async (map, correlation) => {
    const volume: Volume = { ...grid, data: await set.read(map) };
    const { participant, session } = map;
    const anatomy = await anatomies.ofSession(provenance, { participant, session }, volume);
    return sessionPicture(volume, anatomy, mapName(map), correlation);
  });
  return { pictures: await picturesOf(mean, await anatomies.ofJob(provenance, mean), what), typicality };
}

async function planesOfSessions(
  maps: Awaited<ReturnType<typeof readJobMaps>>["maps"],
  dims: readonly number[],
  { onProgress }: ReadOptions,
): Promise<ShownMaps> {
  const read = async ({ place }: (typeof maps)[number]) => {
    const plane = await planeIn(place.source, place.below);
    if (plane !== undefined) return plane;
    throw new VoxplainError("invalid-file", "it is not a 2D map, as the first one is", {
      file: `${place.source.name}/${place.below}`,
      hint: "run the command again (--overwrite)",
    });
  };
  try {
    const found = await typicalSessions(maps, async (map) => (await read(map)).data, onProgress);
    const mean = { dtype: "float32", dims, data: Float32Array.from(found.mean) } as const;
    const typicality = await reportedTypicality(maps, found, async (map, correlation) =>
      planePicture(await read(map), {
        what: `the map of ${mapName(map)}`,
        more: `correlation with the others ${correlation.toFixed(3)}`,
      }),
    );
    return {
      pictures: [await planePicture(mean, { what: `the mean map of ${maps.length} sessions` })],
      typicality,
    };
  } catch (error) {
    if (!isVoxplainError(error, "mismatch")) throw error;
    return { pictures: [], note: `The maps have no mean: ${error.message}` };
  }
}
