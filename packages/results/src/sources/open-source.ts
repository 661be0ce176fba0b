import { existsSync, statSync } from "node:fs";
import { basename, dirname, relative, resolve, sep } from "node:path";
import { type FilePlace, readMapTable, readTableFile, type Table } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { mapsOfGroup, refuseEmptyGroup } from "./groups.ts";
import { readJobMaps } from "./job-maps.ts";
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

/** How sources are read. */
export interface SourceOptions {
  /** The column with the groups. Default: `group` of a table, `diagnosis` of a job, where it is there. */
  readonly groupBy?: string | undefined;
  /** A table of participants, whose columns are joined to those of each source by participant_id, and by session_id if it has it. */
  readonly participants?: string | undefined;
}

/**
 * Opens a source of maps on this machine: the folder of a finished job, or a table of maps; either with ":VALUE" behind it for the
 * maps of one group. A path that exists as typed wins over this reading.
 * @throws VoxplainError naming file, session or column, as `readJobMaps` of a job and `readMapTable` of a table; `not-found` for a path
 * that is not there, a column that is not there and a group without maps.
 */
export async function openMapSource(text: string, options: SourceOptions = {}): Promise<MapSource> {
  const { path, value } = placeOf(text);
  const isJob = statSync(path).isDirectory();
  const read: ReadMaps = isJob ? await readJobMaps(directory(path)) : await tableMaps(path);
  const { columns, maps: all } =
    options.participants === undefined ? read : await joined(read, resolve(options.participants));
  const usual = isJob ? "diagnosis" : "group";
  const wanted = options.groupBy ?? usual;
  const has = columns.includes(wanted);
  if (!has && (options.groupBy !== undefined || value !== undefined)) {
    throw new VoxplainError("not-found", `it has no column "${wanted}" with groups (--group_by)`, {
      file: path,
      found: columns.join(", "),
    });
  }
  const isOutcome = isJob && wanted === "outcome";
  const { positive } = read;
  if (isOutcome && positive === undefined) {
    throw new VoxplainError(
      "not-found",
      "its sessions have no outcome: it has no predictions of two classes",
      {
        file: path,
      },
    );
  }
  if (value !== undefined) refuseEmptyGroup(all, wanted, value, path);
  return {
    ...{ text, path, kind: isJob ? "job" : "table", value },
    groupColumn: has ? wanted : undefined,
    positive: isOutcome ? positive : undefined,
    maps: value === undefined ? all : mapsOfGroup(all, wanted, value),
  };
}

function placeOf(text: string): { readonly path: string; readonly value: string | undefined } {
  const whole = resolve(text);
  if (existsSync(whole)) return { path: whole, value: undefined };
  const at = text.lastIndexOf(":");
  const path = resolve(text.slice(0, Math.max(0, at)));
  if (at > 0 && existsSync(path)) return { path, value: text.slice(at + 1) };
  throw new VoxplainError("not-found", "there is no job and no table of maps", {
    file: at > 1 ? path : whole,
  });
}

interface ReadMaps {
  readonly columns: readonly string[];
  readonly maps: readonly SourceMap[];
  readonly positive?: string | undefined;
}

async function tableMaps(path: string): Promise<ReadMaps> {
  const folder = dirname(path);
  const source = directory(folder);
  const open = (map: string): FilePlace => {
    const file = resolve(folder, map);
    const inside = file.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
    return inside
      ? { source, below: relative(folder, file).split(sep).join("/") }
      : { source: directory(dirname(file)), below: basename(file) };
  };
  const { columns, maps } = await readMapTable({ source, below: basename(path) }, { open });
  return {
    columns,
    maps: maps.map(({ participantId: participant, sessionId: session, place, cells }) => ({
      ...{ participant, session, place, cells },
    })),
  };
}

/** Columns that the source has itself stay. */
async function joined({ columns, maps }: ReadMaps, path: string): Promise<ReadMaps> {
  const table = await readTableFile({ source: directory(dirname(path)), below: basename(path) });
  if (!table.columns.includes("participant_id")) {
    throw new VoxplainError("invalid-file", 'it has no column "participant_id"', { file: path });
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
        file: path,
      });
    }
    rows.set(key, fields);
  }
  const added = table.columns.filter((column) => !columns.includes(column));
  const withPrefix = (id: string) => (id.startsWith("sub-") ? id : `sub-${id}`);
  return {
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
