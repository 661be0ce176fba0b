import { type FileSource, isVoxplainError, type Tensor, type Volume, VoxplainError } from "@voxplain/core";
import { type Typicality, typicality } from "@voxplain/group-analysis";
import type { SessionPrediction } from "@voxplain/study";
import type { RecordedFiles } from "../records/recorded-files.ts";
import { mapFiles } from "../sources/job-maps.ts";
import { type MapFileOptions, titleOf } from "./cohort-maps.ts";
import { readUnder } from "./kept-under.ts";
import { planeIn, volumeIn } from "./read-map.ts";
import { loadPictures } from "./write-map.ts";

/** Sessions that are drawn. */
const most = 5;

/** The files of the maps of a session. */
export interface SessionFiles {
  /** Whose maps they are. */
  readonly session: SessionPrediction["session"];
  /** Paths below the result. */
  readonly files: readonly string[];
}

/** What a summary is made of. */
export interface SummaryOptions extends Pick<MapFileOptions, "name" | "vmax"> {
  /** The folder of the result. */
  readonly source: FileSource;
  /** In the order of the list. */
  readonly sessions: readonly SessionFiles[];
  /** Called where the maps have no mean: nothing is drawn then. */
  readonly onNoMean: (reason: string) => void;
}

type DrawnMap = Volume | Tensor<"float32">;

/** A map that is compared with the others. */
interface Compared {
  readonly session: SessionFiles["session"];
  /** The path of its files, without their endings. */
  readonly path: string;
  read(): Promise<DrawnMap>;
}

/**
 * Draws the mean map, and the maps of the five most extreme sessions: those whose correlation with the mean of the maps of all others
 * (`typicality` of group-analysis, as in `voxplain report`) is lowest. Maps without a correlation, such as constant ones, are not drawn.
 * Maps are read from their files, so that it does not matter where, and in how many parts, they were computed.
 */
export async function writeSummaryPictures(
  files: RecordedFiles,
  { source, sessions, name, vmax, onNoMean }: SummaryOptions,
): Promise<void> {
  const maps = sessions.flatMap((session) => comparedOf(source, session) ?? []);
  const [first] = maps;
  if (first === undefined) return;
  const under = underSum(source);
  let found: Typicality;
  try {
    found = await typicality(() => valuesOf(maps, under));
  } catch (error) {
    if (!isVoxplainError(error, "mismatch")) throw error;
    return onNoMean(error.message);
  }
  const title = `${name}: mean of ${maps.length} ${maps.length === 1 ? "session" : "sessions"}`;
  const mean = { ...(await first.read()), data: Float32Array.from(found.mean) };
  const path = first.path.slice(first.path.lastIndexOf("/") + 1);
  await draw(files, mean, { path, title, vmax, under: under.sum() });
  for (const { session, path, read } of mostExtreme(maps, found)) {
    const map = await read();
    const own = await readUnder(source, path, map.data.length);
    await draw(files, map, { path, title: titleOf({ name }, session), vmax, under: own });
  }
}

function mostExtreme(maps: readonly Compared[], { correlation }: Typicality): readonly Compared[] {
  const known = maps.flatMap((map, k) => {
    const own = correlation[k] ?? null;
    return own === null ? [] : [{ map, own }];
  });
  const sorted = known.toSorted((a, b) => a.own - b.own);
  return sorted.slice(0, most).map(({ map }) => map);
}

/** The map of a session that jobs are read by, too. */
function comparedOf(source: FileSource, { session, files }: SessionFiles): Compared | undefined {
  const whole = files.filter((file) => !file.includes("/parts/"));
  const file = mapFiles.flatMap((name) => whole.find((one) => one.endsWith(`/${name}`)) ?? [])[0];
  if (file === undefined) return undefined;
  const read = file.endsWith(".npy") ? () => planeOf(source, file) : () => volumeIn(source, file);
  return { session, path: file.replace(/\.(nii\.gz|npy)$/, ""), read };
}

async function planeOf(source: FileSource, path: string): Promise<Tensor<"float32">> {
  const plane = await planeIn(source, path);
  if (plane !== undefined) return plane;
  throw new VoxplainError("mismatch", "the map is no plane", { file: `${source.name}/${path}` });
}

async function* valuesOf(maps: readonly Compared[], under: ReturnType<typeof underSum>) {
  for (const { path, read } of maps) {
    const { data } = await read();
    await under.add(path, data.length);
    yield data;
  }
}

/** What is below the maps, added up. Maps are read twice, and count once. */
function underSum(source: FileSource) {
  const seen = new Set<string>();
  let sums: Float64Array | undefined;
  return {
    async add(path: string, length: number) {
      if (seen.has(path)) return;
      seen.add(path);
      const under = await readUnder(source, path, length);
      if (under === undefined) return;
      sums ??= new Float64Array(length);
      for (let k = 0; k < length; k++) sums[k] = (sums[k] ?? 0) + (under[k] ?? 0);
    },
    sum: () => sums && Float32Array.from(sums),
  };
}

interface Drawing extends Pick<MapFileOptions, "vmax"> {
  readonly path: string;
  readonly title: string;
  readonly under: Float32Array | undefined;
}

async function draw(
  files: RecordedFiles,
  map: DrawnMap,
  { path, title, vmax, under }: Drawing,
): Promise<void> {
  const { renderMap2d, renderPlanes } = await loadPictures();
  if ("dims" in map) return files.write(`${path}.jpg`, await renderMap2d(map, { vmax }));
  if (under === undefined) return;
  await files.write(`${path}.png`, await renderPlanes(map, { ...map, data: under }, { title }));
}
