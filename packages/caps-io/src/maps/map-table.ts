import { isVoxplainError, VoxplainError } from "@voxplain/core";
import type { FilePlace } from "../file-place.ts";
import { absenceOf } from "../tables/find-image-file.ts";
import { isMissing } from "../tables/missing-value.ts";
import { besideTable } from "../tables/open-beside.ts";
import { checkColumns, fieldOf, readTableFile, type Table, type TableRow } from "../tables/read-table.ts";
import { inAnotherCase, renameColumns } from "../tables/rename-columns.ts";

/** A row of a table of maps. */
export interface ListedMap {
  /** Whose map it is. */
  readonly participantId: string;
  /** Which of the participant's sessions; "" where the table names none. */
  readonly sessionId: string;
  /** The file of the map. */
  readonly place: FilePlace;
  /** All cells, by column. */
  readonly cells: Readonly<Record<string, string>>;
}

/** Maps of any program, listed in a table. */
export interface MapTable {
  /** In the order of the file. */
  readonly columns: readonly string[];
  /** In the order of the file. */
  readonly maps: readonly ListedMap[];
}

/** How a table of maps is read. */
export interface MapTableOptions {
  /** The file that a path in the table names. Default: a file of the source of the table, relative to the table. */
  readonly open?: (path: string) => FilePlace;
}

/**
 * Reads a table of maps: a row for each session, with the columns `participant_id` and `map` (the path of an image, relative to the
 * table), and if wanted `session_id` and any others, such as `group`. Known columns may be written in another case.
 * @throws VoxplainError naming the table, and the line or the file of a map: `invalid-file` for a missing column, an empty cell or a
 * session that is listed twice; `not-found` for a missing map, and for a table without rows. All problems at once.
 */
export async function readMapTable(
  place: FilePlace,
  { open = besideTable(place) }: MapTableOptions = {},
): Promise<MapTable> {
  const file = `${place.source.name}/${place.below}`;
  const { columns, rows } = withKnownColumns(await readTableFile(place));
  checkColumns({ columns }, ["participant_id", "map"], file);
  if (rows.length === 0) throw new VoxplainError("not-found", "it lists no map", { file });
  const problems: VoxplainError[] = [];
  const lineOf = new Map<string, number>();
  const maps: ListedMap[] = [];
  for (const row of rows) {
    try {
      maps.push(await listedMap(row, { file, lineOf, open }));
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      problems.push(error);
    }
  }
  const [first, ...others] = problems;
  if (first !== undefined && others.length === 0) throw first;
  if (first !== undefined) {
    throw new VoxplainError(first.code, problems.map(({ message }) => message).join("\n"), {
      problems,
      hasLines: true,
    });
  }
  return { columns, maps };
}

function withKnownColumns(table: Table): Table {
  const names = ["participant_id", "session_id", "map", "group"].map(
    (name) => [inAnotherCase(table.columns, name) ?? name, name] as const,
  );
  return renameColumns(table, new Map(names));
}

interface Reading {
  readonly file: string;
  /** Lines of the sessions that were read, by participant and session. */
  readonly lineOf: Map<string, number>;
  readonly open: (path: string) => FilePlace;
}

async function listedMap({ line, fields }: TableRow, { file, lineOf, open }: Reading): Promise<ListedMap> {
  const where = `${file}, line ${line}`;
  const cell = (column: string) => {
    const value = Object.hasOwn(fields, column) ? fieldOf(fields, column) : "";
    return isMissing(value) ? "" : value;
  };
  const [participantId, sessionId, path] = [cell("participant_id"), cell("session_id"), cell("map")];
  if (participantId === "")
    throw new VoxplainError("invalid-file", "the participant_id is empty", { file: where });
  const session = sessionId === "" ? participantId : `${participantId} ${sessionId}`;
  if (path === "") throw new VoxplainError("invalid-file", "no map is given", { session, file: where });
  const key = JSON.stringify([participantId, sessionId]);
  const earlier = lineOf.get(key);
  if (earlier !== undefined) {
    throw new VoxplainError("invalid-file", `${session} is listed twice: in lines ${earlier} and ${line}`, {
      file,
      hint: sessionId === "" ? "if they are several visits, number them in a column session_id" : undefined,
    });
  }
  lineOf.set(key, line);
  const place = open(path.replaceAll("\\", "/"));
  if ((await place.source.open(place.below)) === undefined) throw await absenceOf(place);
  return { participantId, sessionId, place, cells: fields };
}
