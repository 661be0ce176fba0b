import { type FilePath, type FileSource, joinPath, readText, VoxplainError } from "@voxplain/core";
import { readTable, type Table } from "./table.ts";

/** A row of a label list: one visit of one participant. */
export interface Session {
  /** "sub-…" */
  readonly participantId: string;
  /** "ses-…" */
  readonly sessionId: string;
  readonly diagnosis: string;
  /** Every column of the list, as text. */
  readonly row: Readonly<Record<string, string>>;
  /** "single" where there is only one cohort. */
  readonly cohort: string;
}

export interface LabelTable {
  /** Columns in the order of the list. */
  readonly columns: readonly string[];
  /** In the order of the list. */
  readonly sessions: readonly Session[];
  /** The file that was read, below the source. */
  readonly file: FilePath;
}

export interface LabelQuery {
  readonly diagnosis: string;
  /** Only the first visit of each participant: `<diagnosis>_baseline.tsv`. */
  readonly baseline: boolean;
}

/** Output node of each diagnosis, as ClinicaDL 0.2 trains. */
export const diagnosisClasses: Readonly<Record<string, number>> = {
  CN: 0,
  sMCI: 0,
  AD: 1,
  pMCI: 1,
  MCI: 1,
  BV: 1,
};

/** @throws VoxplainError `invalid-argument` listing the diagnoses that have a class. */
export function classOfDiagnosis(diagnosis: string): number {
  const found = Object.hasOwn(diagnosisClasses, diagnosis) ? diagnosisClasses[diagnosis] : undefined;
  if (found !== undefined) return found;
  throw new VoxplainError(
    "invalid-argument",
    `the diagnosis "${diagnosis}" has no class (those that have: ${Object.keys(diagnosisClasses).join(", ")})`,
  );
}

/**
 * The sessions of a diagnosis, from `<path>/<diagnosis>[_baseline].tsv`, or from the rows of one TSV
 * with a column `diagnosis` when `path` ends in .tsv.
 * @throws VoxplainError `not-found` saying which lists there are; `invalid-file` naming file, row and column.
 */
export async function readLabels(source: FileSource, path: FilePath, query: LabelQuery): Promise<LabelTable> {
  if (path.endsWith(".tsv")) return readSingle(source, path, query);
  const file = listFile(path, query);
  if ((await source.open(file)) === undefined) throw await missingList(source, path, file);
  return sessionsOf(await table(source, file), source, file, query.diagnosis);
}

/**
 * The training list of a fold: `train[_splits-<n>/split-<fold>]/<diagnosis>.tsv` where training wrote
 * one, else the list of the whole diagnosis.
 */
export async function readTrainingLabels(
  source: FileSource,
  path: FilePath,
  query: LabelQuery & { readonly splitCount: number; readonly fold: number },
): Promise<LabelTable> {
  if (path.endsWith(".tsv")) return readSingle(source, path, query);
  const { splitCount, fold } = query;
  const training = splitCount > 0 ? `train_splits-${splitCount}/split-${fold}` : "train";
  const file = listFile(joinPath(path, training), query);
  if ((await source.open(file)) === undefined) return readLabels(source, path, query);
  return sessionsOf(await table(source, file), source, file, query.diagnosis);
}

function listFile(path: FilePath, { diagnosis, baseline }: LabelQuery): FilePath {
  return joinPath(path, `${diagnosis}${baseline ? "_baseline" : ""}.tsv`);
}

async function readSingle(
  source: FileSource,
  file: FilePath,
  { diagnosis }: LabelQuery,
): Promise<LabelTable> {
  const all = await table(source, file);
  if (!all.columns.includes("diagnosis")) {
    throw new VoxplainError(
      "invalid-file",
      `${source.name}/${file} has no column "diagnosis" to choose ${diagnosis} by`,
    );
  }
  const found = sessionsOf(
    { ...all, rows: all.rows.filter((row) => row.diagnosis === diagnosis) },
    source,
    file,
    diagnosis,
  );
  if (found.sessions.length > 0) return found;
  const there = [...new Set(all.rows.map((row) => row.diagnosis))].join(", ");
  throw new VoxplainError(
    "not-found",
    `${source.name}/${file} has no session of ${diagnosis}; it has ${there || "no rows"}`,
  );
}

async function table(source: FileSource, file: FilePath): Promise<Table> {
  return readTable(await readText(source, file), `${source.name}/${file}`);
}

async function missingList(source: FileSource, path: FilePath, file: FilePath): Promise<VoxplainError> {
  const there = ((await source.list(path)) ?? [])
    .map(({ name }) => name)
    .filter((name) => name.endsWith(".tsv"));
  return new VoxplainError(
    "not-found",
    `there is no label list ${source.name}/${file}; there ${there.length > 0 ? `is ${there.join(", ")}` : "are no TSV files"}`,
  );
}

function sessionsOf(
  { columns, rows }: Table,
  source: FileSource,
  file: FilePath,
  diagnosis: string,
): LabelTable {
  const name = `${source.name}/${file}`;
  for (const column of ["participant_id", "session_id"]) {
    if (!columns.includes(column))
      throw new VoxplainError("invalid-file", `${name} has no column "${column}"`);
  }
  const seen = new Set<string>();
  const sessions = rows.map((row, k): Session => {
    const { participant_id: participantId = "", session_id: sessionId = "" } = row;
    const where = `${name}, row ${k + 1}`;
    checkId(participantId, "participant_id", where);
    checkId(sessionId, "session_id", where);
    const key = `${participantId} ${sessionId}`;
    if (seen.has(key)) throw new VoxplainError("invalid-file", `${where}: ${key} is there twice`);
    seen.add(key);
    return { participantId, sessionId, diagnosis: row.diagnosis || diagnosis, row, cohort: "single" };
  });
  return { columns, sessions, file };
}

/** IDs become parts of paths: what could lead out of the CAPS is refused. */
function checkId(id: string, column: string, where: string): void {
  if (id === "") throw new VoxplainError("invalid-file", `${where}: ${column} is empty`);
  if (!/^[A-Za-z0-9][\w.+-]*$/.test(id)) {
    throw new VoxplainError(
      "unsafe-file",
      `${where}: "${id}" cannot be a ${column}: it would lead out of the CAPS folder`,
    );
  }
}
