import { ahead } from "@voxplain/caps-io";
import {
  type MapValues,
  type Progress,
  prepareMap,
  type RegionAtlas,
  type RegionRow,
  type RunningMean,
  regionTable,
  runningMean,
} from "@voxplain/group-analysis";
import type { Cell } from "@voxplain/writers";
import { groupOf } from "../sources/groups.ts";
import type { MapSet } from "../sources/map-set.ts";
import type { MapSource } from "../sources/map-source.ts";
import { mapName, type SourceMap } from "../sources/source-map.ts";
import { type FindingFiles, sessionCells } from "./finding-files.ts";

/** How tables of regions are made. */
export interface RegionOptions {
  /** The regions. */
  readonly atlas: RegionAtlas;
  /** Voxels that are not 0 count. Default: all. */
  readonly mask?: Uint8Array | undefined;
  /** What of each map is analysed. Default: "signed". */
  readonly values?: MapValues | undefined;
  /** Called after each map that was read. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called for what is odd. */
  readonly warn: (warning: string) => void;
}

/** Means that are summed at once: 12 bytes a voxel each. */
const mostMeans = 6;

const columns = [
  ...["index", "name", "voxels", "volume_mm3", "coverage", "sum", "mean", "mean_abs", "share", "enrichment"],
  ...["peak", "peak_x", "peak_y", "peak_z"],
] as const;

/**
 * Writes regions.tsv, a row for each map and region; regions_groups.tsv, the same for the mean map of each source and of its groups;
 * and these maps, mean_<group>.nii.gz, with several sources source-<i>_mean_<group>.nii.gz. Maps are read one by one, and their rows are
 * written as they are made.
 */
export async function writeRegions(files: FindingFiles, set: MapSet, options: RegionOptions): Promise<void> {
  const groupRows: Row[] = [];
  const rows = rowsOfMaps(files, set, options, groupRows);
  await files.table("regions.tsv", ["source", "participant_id", "session_id", ...columns], rows);
  const hasOutcomes = set.sources.some(({ positive }) => positive !== undefined);
  const groupColumns = ["source", "group", "maps", ...columns, ...(hasOutcomes ? ["positive_label"] : [])];
  await files.table("regions_groups.tsv", groupColumns, groupRows);
}

type Row = Readonly<Record<string, Cell>>;

/**
 * The rows of each map. The means are made of the same maps meanwhile, and written.
 * @param groupRows - Gets the rows of the means.
 */
async function* rowsOfMaps(
  files: FindingFiles,
  set: MapSet,
  { atlas, mask, values = "signed", warn, onProgress }: RegionOptions,
  groupRows: Row[],
): AsyncGenerator<Row> {
  const means = set.sources.map(meansOf);
  const prefixOf = (number: number) => (set.sources.length > 1 ? `source-${number}_` : "");
  const passes = set.sources.flatMap((source, k) => inPasses(source, k + 1, means[k] ?? []));
  const total = passes.reduce((sum, { maps }) => sum + maps.length, 0);
  const names = fileNames();
  let done = 0;
  for (const { number, maps, means: ofPass, isFirst, positive } of passes) {
    const sums = ofPass.map(() => undefined as RunningMean | undefined);
    let at = 0;
    for await (const data of ahead(maps, (map) => set.read(map), 2)) {
      const map = maps[at++];
      if (map === undefined) throw new RangeError("a map for each session");
      const prepared = prepareMap(data, { values });
      ofPass.forEach(({ has }, k) => {
        if (!has(map)) return;
        const sum = sums[k] ?? runningMean(prepared.length);
        sums[k] = sum;
        sum.add(prepared);
      });
      if (isFirst) {
        const table = regionTable(prepared, atlas, mask);
        if (table.every(({ share }) => share === null)) {
          warn(`${mapName(map)}: the map is 0 everywhere, so that shares and enrichment are not available`);
        }
        for (const row of table) yield { source: number, ...sessionCells(map), ...regionCells(row) };
      }
      onProgress?.({ phase: "maps", done: ++done, total });
    }
    for (const [k, { group }] of ofPass.entries()) {
      const sum = sums[k];
      if (sum === undefined) continue;
      const mean = sum.mean();
      const ofMean = { source: number, group, maps: sum.maps, positive_label: positive };
      for (const row of regionTable(mean, atlas, mask)) groupRows.push({ ...ofMean, ...regionCells(row) });
      await files.image(`${prefixOf(number)}mean_${names(number, group)}`, Float32Array.from(mean));
    }
  }
}

function regionCells({ volume, meanAbs, peakAt, ...row }: RegionRow): Row {
  const [peak_x, peak_y, peak_z] = peakAt ?? [null, null, null];
  return { ...row, volume_mm3: volume, mean_abs: meanAbs, peak_x, peak_y, peak_z };
}

/** The mean map of some maps of a source. */
interface WantedMean {
  readonly group: string;
  readonly has: (map: SourceMap) => boolean;
}

/** "all", then each group in sorted order. */
function meansOf({ maps, groupColumn }: MapSource): readonly WantedMean[] {
  const all = { group: "all", has: () => true };
  if (groupColumn === undefined) return [all];
  const groups = new Set(maps.flatMap((map) => groupOf(map, groupColumn) ?? []));
  const has = (group: string) => (map: SourceMap) => groupOf(map, groupColumn) === group;
  return [all, ...[...groups].sort().map((group) => ({ group, has: has(group) }))];
}

interface Pass {
  readonly number: number;
  readonly maps: readonly SourceMap[];
  readonly means: readonly WantedMean[];
  /** Whether the tables of the maps themselves are made in it. */
  readonly isFirst: boolean;
  readonly positive: string | undefined;
}

/** Where there are many groups, maps are read again for the means of some of them at a time. */
function inPasses(
  { maps, positive }: MapSource,
  number: number,
  means: readonly WantedMean[],
): readonly Pass[] {
  const passes: Pass[] = [];
  for (let at = 0; at < means.length; at += mostMeans) {
    const some = means.slice(at, at + mostMeans);
    const isFirst = at === 0;
    const needed = isFirst ? maps : maps.filter((map) => some.some(({ has }) => has(map)));
    passes.push({ number, maps: needed, means: some, isFirst, positive });
  }
  return passes;
}

/** Names of files for groups: what cannot be in them is replaced, and no two are the same. */
function fileNames(): (source: number, group: string) => string {
  const used = new Set<string>();
  return (source, group) => {
    const plain = shortened(group.replaceAll(/[^\p{L}\p{N}._+-]/gu, "-"));
    const keyOf = (name: string) => JSON.stringify([source, name.toLowerCase()]);
    let name = plain;
    for (let k = 2; used.has(keyOf(name)); k++) name = `${plain}-${k}`;
    used.add(keyOf(name));
    return name;
  };
}

/** Bytes of a name of a file that a group may have: systems allow 255 in all. */
const mostBytes = 120;

function shortened(name: string): string {
  let bytes = 0;
  const kept = Array.from(name).filter((letter) => {
    bytes += new TextEncoder().encode(letter).length;
    return bytes <= mostBytes;
  });
  return kept.join("");
}
