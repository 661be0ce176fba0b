import { existsSync, statSync } from "node:fs";
import { basename, dirname, relative, resolve, sep } from "node:path";
import { type FilePlace, readMapTable } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import { directory, recoverResult } from "@voxplain/core/node";
import { fileAt } from "@voxplain/study/node";
import { readJobMaps } from "./job-maps.ts";
import { joinParticipants, type MapSource, mapSource, type SourceContent } from "./map-source.ts";

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
 * that is not there, a missing column and a group without maps.
 */
export async function openMapSource(text: string, options: SourceOptions = {}): Promise<MapSource> {
  const { path, value } = placeOf(text);
  const isJob = statSync(path).isDirectory();
  const own: SourceContent = isJob ? await readJobMaps(directory(path)) : await tableMaps(path);
  const { participants, groupBy } = options;
  const content =
    participants === undefined ? own : await joinParticipants(own, fileAt(participants, "participants_tsv"));
  return mapSource(content, { ...{ text, path, value, groupBy }, kind: isJob ? "job" : "table" });
}

function placeOf(text: string): { readonly path: string; readonly value: string | undefined } {
  const whole = resolve(text);
  recoverResult(whole);
  if (existsSync(whole)) return { path: whole, value: undefined };
  // Names of groups may have colons, too: the longest path that exists is meant.
  const colons = Array.from(text.matchAll(/(?<!^):/g), ({ index }) => index).reverse();
  for (const at of colons) {
    const path = resolve(text.slice(0, at));
    recoverResult(path);
    if (existsSync(path)) return { path, value: text.slice(at + 1) };
  }
  const [last = 0] = colons;
  throw new VoxplainError("not-found", "there is no job and no table of maps", {
    file: last > 1 ? resolve(text.slice(0, last)) : whole,
  });
}

async function tableMaps(path: string): Promise<SourceContent> {
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
