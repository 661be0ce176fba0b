import { ahead } from "@voxplain/caps-io";
import { errorAt, isVoxplainError } from "@voxplain/core";
import { localization, type MapValues, type Progress, prepareMap } from "@voxplain/group-analysis";
import type { Cell } from "@voxplain/writers";
import type { MapSet } from "../sources/map-set.ts";
import { mapName, type SourceMap } from "../sources/source-map.ts";
import { type FindingFiles, sessionCells } from "./finding-files.ts";

/** How localization is measured. */
export interface LocalizationFindingOptions {
  /** Where the truth is, on the grid of the maps. */
  readonly truth: Uint8Array;
  /** How far from it the peak may be, mm. Default: 0. */
  readonly tolerance?: number;
  /** Voxels that are not 0 count. Default: all. */
  readonly mask?: Uint8Array | undefined;
  /** What of each map is compared. Default: "absolute". */
  readonly values?: MapValues | undefined;
  /** Called after each map. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called for what is odd. */
  readonly warn: (warning: string) => void;
}

const columns = [
  ...["mass_share", "volume_share", "enrichment", "pointing_game", "peak_distance_mm", "auroc", "auprc"],
  "relevance_rank",
];

/** Writes localization.tsv: a row for each map. */
export async function writeLocalization(
  files: FindingFiles,
  set: MapSet,
  { truth, tolerance = 0, mask, values = "absolute", onProgress, warn }: LocalizationFindingOptions,
): Promise<void> {
  const maps = set.sources.flatMap((source, k) => source.maps.map((map) => ({ source: k + 1, map })));
  const rows: Readonly<Record<string, Cell>>[] = [];
  const localized = (data: Float32Array, map: SourceMap) => {
    try {
      return localization(prepareMap(data, { values }), truth, set.grid, {
        tolerance,
        ...(mask && { mask }),
      });
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      throw errorAt(error, { session: mapName(map) });
    }
  };
  for await (const data of ahead(maps, ({ map }) => set.read(map), 2)) {
    const one = maps[rows.length];
    if (one === undefined) throw new RangeError("a map for each session");
    const found = localized(data, one.map);
    if (found.massShare === null) warn(`${mapName(one.map)}: the map is 0 everywhere`);
    rows.push({
      ...{ source: one.source, ...sessionCells(one.map) },
      ...{ mass_share: found.massShare, volume_share: found.volumeShare, enrichment: found.enrichment },
      ...{ pointing_game: found.pointingGame, peak_distance_mm: found.peakDistance },
      ...{ auroc: found.auroc, auprc: found.auprc, relevance_rank: found.relevanceRank },
    });
    onProgress?.({ phase: "maps", done: rows.length, total: maps.length });
  }
  await files.table("localization.tsv", ["source", "participant_id", "session_id", ...columns], rows);
}
