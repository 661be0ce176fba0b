import { type FilePath, type FileSource, groupBy, isVoxplainError, VoxplainError } from "@voxplain/core";
import { listedNames } from "../names-in-sentences.ts";
import { ahead } from "../read-ahead.ts";
import { isMissing } from "../tables/missing-value.ts";
import { readTableFile, type TableRow } from "../tables/read-table.ts";

/** A table whose rows are found by an identifier: a participant, or a session of one participant. */
export interface KeyedTable {
  /** For messages. */
  readonly name: string;
  /** In their order, without those of identifiers. */
  readonly columns: readonly string[];
  /** By identifiers as folders have them: "sub-01", "ses-M00"; "sub-01 ses-M00" in a table of participants and sessions. */
  readonly rows: ReadonlyMap<string, TableRow>;
  /** Lines of rows without an identifier. */
  readonly nameless: readonly number[];
}

/** `participants.tsv` and the `sessions.tsv` of each participant. */
export interface SubjectTables {
  /** Undefined where there is none. */
  readonly participants: KeyedTable | undefined;
  /** By participant. */
  readonly sessions: ReadonlyMap<string, KeyedTable>;
  /** Tables that cannot be used. */
  readonly problems: readonly VoxplainError[];
}

/** Tables that are read at once. */
const concurrent = 16;

/**
 * Reads the tables of a dataset.
 * @param withSessions - Participants whose `<participant>_sessions.tsv` is read where it is there.
 */
export async function readSubjectTables(
  source: FileSource,
  withSessions: readonly string[],
): Promise<SubjectTables> {
  const wrong: WrongTable[] = [];
  const attempt = async (path: FilePath, column: "participant_id" | "session_id") => {
    try {
      return await readKeyed(source, path, column);
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      wrong.push({ path, error });
      return undefined;
    }
  };
  const participants = await attempt("participants.tsv", "participant_id");
  const sessions = new Map<string, KeyedTable>();
  const read = async (participant: string) =>
    [participant, await attempt(`${participant}/${participant}_sessions.tsv`, "session_id")] as const;
  for await (const [participant, table] of ahead(withSessions, read, concurrent)) {
    if (table !== undefined) sessions.set(participant, table);
  }
  return { participants, sessions, problems: problemsOf(wrong, source.name) };
}

interface WrongTable {
  readonly path: FilePath;
  readonly error: VoxplainError;
}

/** One error for all tables of which the same is wrong. */
function problemsOf(wrong: readonly WrongTable[], folder: string): readonly VoxplainError[] {
  return [...groupBy(wrong, ({ error }) => error.problem).values()].map((alike) => {
    const [{ error }] = alike;
    if (alike.length === 1) return error;
    const paths = alike.map(({ path }) => path);
    const patterns = new Set(paths.map((path) => (path.includes("/") ? "sub-*/*_sessions.tsv" : path)));
    const isNotFetched = error.hint?.includes("datalad get") ?? false;
    return new VoxplainError(error.code, `${paths.length} tables: ${error.problem}`, {
      file: folder,
      found: listedNames(paths),
      hint: isNotFetched ? `run "datalad get ${[...patterns].join(" ")}" in ${folder}` : error.hint,
    });
  });
}

/** Undefined where there is no such table. */
async function readKeyed(
  source: FileSource,
  path: FilePath,
  column: "participant_id" | "session_id",
): Promise<KeyedTable | undefined> {
  const place = { source, below: path };
  const isThere = (await source.open(path)) !== undefined || (await source.linkTarget?.(path)) !== undefined;
  if (!isThere) return undefined;
  const name = `${source.name}/${path}`;
  const table = await readTableFile(place);
  const key = table.columns.find((one) => one.toLowerCase() === column);
  if (key === undefined) {
    throw new VoxplainError("invalid-file", `it has no column "${column}"`, {
      file: name,
      found: listedNames(table.columns),
    });
  }
  const session = table.columns.find((one) => one !== key && one.toLowerCase() === "session_id");
  const rows = new Map<string, TableRow>();
  const twice: string[] = [];
  const nameless: number[] = [];
  for (const row of table.rows) {
    const given = row.fields[key] ?? "";
    if (isMissing(given)) {
      nameless.push(row.line);
      continue;
    }
    const visit = session === undefined ? "" : (row.fields[session] ?? "");
    const id = asInFolders(given, column) + (isMissing(visit) ? "" : ` ${asInFolders(visit, "session_id")}`);
    const earlier = rows.get(id);
    if (earlier === undefined) rows.set(id, row);
    else twice.push(`${id} in lines ${earlier.line} and ${row.line}`);
  }
  if (twice.length > 0) {
    throw new VoxplainError("invalid-file", `it has several rows of one ${nouns[column]}`, {
      file: name,
      found: listedNames(twice),
    });
  }
  return { name, columns: table.columns.filter((one) => one !== key && one !== session), rows, nameless };
}

const nouns = { participant_id: "participant", session_id: "session" } as const;
const prefixes = { participant_id: "sub-", session_id: "ses-" } as const;

/** Tables have identifiers with or without "sub-" and "ses-". */
function asInFolders(id: string, column: keyof typeof prefixes): string {
  const prefix = prefixes[column];
  return id.startsWith(prefix) ? id : `${prefix}${id}`;
}
