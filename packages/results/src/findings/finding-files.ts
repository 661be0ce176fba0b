import { unknownPosition } from "@voxplain/caps-io";
import type { FileSink, Gzip } from "@voxplain/core";
import {
  type Cell,
  encodeNiftiGz,
  encodeTable,
  encodeTablePieces,
  type LongList,
  type StoredVolume,
} from "@voxplain/writers";
import type { MapSet } from "../sources/map-set.ts";

/** The files of a finding. */
export interface FindingFiles {
  /** Writes a table in which what is not available is "n/a". All rows are read, also those that are made meanwhile. */
  table(
    name: string,
    columns: readonly string[],
    rows: LongList<Readonly<Record<string, Cell>>>,
  ): Promise<void>;
  /** Writes `<name>.nii.gz` on the grid of the maps. */
  image(name: string, data: StoredVolume["data"]): Promise<void>;
}

/** Writes into a folder; images have the grid of the maps, and are packed by `gzip`. */
export function findingFiles(
  files: FileSink,
  { grid, isPlaced }: Pick<MapSet, "grid" | "isPlaced">,
  gzip: Gzip,
): FindingFiles {
  return {
    async table(name, columns, rows) {
      const format = { missing: "n/a" };
      const isLong = Symbol.asyncIterator in rows;
      await files.write(
        name,
        isLong ? encodeTablePieces(columns, rows, format) : encodeTable(columns, rows, format),
      );
    },
    async image(name, data) {
      const volume = { data, shape: grid.shape, affine: grid.affine };
      const described = isPlaced ? {} : { description: unknownPosition };
      await files.write(`${name}.nii.gz`, await encodeNiftiGz(volume, gzip, described));
    },
  };
}

/** A session in a table of BIDS: "n/a" of a participant without sessions. */
export function sessionCells({
  participant,
  session,
}: {
  readonly participant: string;
  readonly session: string;
}) {
  return { participant_id: participant, session_id: session || "n/a" };
}
