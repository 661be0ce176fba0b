import { type FilePlace, readTableFile, type Table } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import { mapsOfGroup, refuseEmptyGroup } from "./groups.ts";
import type { SourceMap } from "./source-map.ts";

/** Maps that were given together: of a finished job or of a table, all or those of one group. */
export interface MapSource {
  /** As it was given. */
  readonly text: string;
  /** The folder or the table. */
  readonly path: string;
  /** What it is. */
  readonly kind: "job" | "table";
  /** The group that was asked for behind the path. */
  readonly value: string | undefined;
  /** The column that groups are taken from; undefined where there is none and none was asked for. */
  readonly groupColumn: string | undefined;
  /** What the positive class is called, where groups are outcomes. */
  readonly positive: string | undefined;
  /** In the order of their rows. */
  readonly maps: readonly SourceMap[];
}

/** What a source holds, before groups are taken from it. */
export interface SourceContent {
  /** Those of its table; of a job also `outcome`. */
  readonly columns: readonly string[];
  /** In the order of their rows. */
  readonly maps: readonly SourceMap[];
  /** What the positive class is called, where there are outcomes. */
  readonly positive?: string | undefined;
}

/** What of a source is wanted. */
export interface WantedMaps extends Pick<MapSource, "text" | "path" | "kind" | "value"> {
  /** The column with the groups. Default: `group` of a table, `diagnosis` of a job, where it is there. */
  readonly groupBy?: string | undefined;
}

/**
 * The maps of a job or a table that are wanted.
 * @throws VoxplainError `not-found` naming the file, for a missing column, and for a group without maps.
 */
export function mapSource(
  { columns, maps, positive }: SourceContent,
  { groupBy, ...given }: WantedMaps,
): MapSource {
  const { path, kind, value } = given;
  const wanted = groupBy ?? (kind === "job" ? "diagnosis" : "group");
  const has = columns.includes(wanted);
  if (!has && (groupBy !== undefined || value !== undefined)) {
    throw new VoxplainError("not-found", `it has no column "${wanted}" with groups (--group_by)`, {
      file: path,
      found: columns.join(", "),
    });
  }
  const isOutcome = kind === "job" && wanted === "outcome";
  if (isOutcome && positive === undefined) {
    throw new VoxplainError(
      "not-found",
      "its sessions have no outcome: it has no predictions of two classes",
      { file: path },
    );
  }
  if (value !== undefined) refuseEmptyGroup(maps, wanted, value, path);
  return {
    ...given,
    groupColumn: has ? wanted : undefined,
    positive: isOutcome ? positive : undefined,
    maps: value === undefined ? maps : mapsOfGroup(maps, wanted, value),
  };
}

/**
 * Joins the columns of a table of participants, by participant_id, and by session_id if it has it. Columns that the source has itself
 * stay.
 * @throws VoxplainError `invalid-file` naming the table: without participant_id, or with somebody listed twice.
 */
export async function joinParticipants(
  { columns, maps, positive }: SourceContent,
  participants: FilePlace,
): Promise<SourceContent> {
  const table = await readTableFile(participants);
  const file = `${participants.source.name}/${participants.below}`;
  if (!table.columns.includes("participant_id")) {
    throw new VoxplainError("invalid-file", 'it has no column "participant_id"', { file });
  }
  const bySession = table.columns.includes("session_id");
  const keyOf = (participant: string, session: string) =>
    JSON.stringify([participant, bySession ? session : ""]);
  const rows = new Map<string, Table["rows"][number]["fields"]>();
  for (const { line, fields } of table.rows) {
    const { participant_id = "", session_id = "" } = fields;
    const key = keyOf(participant_id, session_id === "n/a" ? "" : session_id);
    if (rows.has(key)) {
      throw new VoxplainError("invalid-file", `line ${line} lists ${participant_id} ${session_id} again`, {
        file,
      });
    }
    rows.set(key, fields);
  }
  const added = table.columns.filter((column) => !columns.includes(column));
  const withPrefix = (id: string) => (id.startsWith("sub-") ? id : `sub-${id}`);
  return {
    positive,
    columns: [...columns, ...added],
    maps: maps.map((map) => {
      const { participant, session, cells } = map;
      const id = cells.participant_id ?? participant;
      const fields = rows.get(keyOf(id, session)) ?? rows.get(keyOf(withPrefix(id), session)) ?? {};
      const more = Object.fromEntries(added.map((column) => [column, fields[column] ?? "n/a"]));
      return { ...map, cells: { ...cells, ...more } };
    }),
  };
}
