import { type FilePath, type FileSource, joinPath, VoxplainError } from "@voxplain/core";
import { checkId } from "../caps/layout.ts";
import { checkColumns, readTableFile, type Table, type TableRow } from "../tables/read-table.ts";
import { diagnosisClasses } from "./diagnoses.ts";

/** Whose image it is: a row of a label list, which is one visit of one participant, or a loose file. */
export interface Session {
  /** For messages: "sub-01 ses-M00", or the name of a loose file. */
  readonly name: string;
  /** "sub-…"; "" of a loose file. */
  readonly participantId: string;
  /** "ses-…"; "" of a loose file, and where a participant has one image without a session. */
  readonly sessionId: string;
  /** As the list has it: "AD", "CN", …; "" where it is not known. */
  readonly diagnosis: string;
  /** Every column of the list, as text. */
  readonly row: Readonly<Record<string, string>>;
  /** "single" where there is only one cohort. */
  readonly cohort: string;
}

/** The sessions of a list. */
export interface LabelTable {
  /** Columns in the order of the list. */
  readonly columns: readonly string[];
  /** In the order of the list. */
  readonly sessions: readonly Session[];
  /** The list that was read, below the source. */
  readonly file: FilePath;
}

/** Which sessions are wanted. */
export interface LabelQuery {
  /** Names the list `<diagnosis>.tsv` (or `.csv`, `.txt`), and the rows of a single table. */
  readonly diagnosis: string;
  /** Only `<diagnosis>_baseline.tsv`: the first visit of each participant. A single table is read as it is. */
  readonly baseline: boolean;
}

/** Which tables may be read as a whole. */
export interface UnlabelledQuery extends Partial<Pick<LabelQuery, "baseline">> {
  /** Also a table with a column `diagnosis`. Default: false. */
  readonly labelled?: boolean | undefined;
}

/** Endings of tables, in the order in which they are looked for: spreadsheet programs save .csv and .txt. */
const endings = ["tsv", "csv", "txt"] as const;
const tableName = new RegExp(`\\.(${endings.join("|")})$`, "i");

/** Tables of several diagnoses in the label folders of ClinicaDL 1.x, in the order in which they are looked for. */
const commonTables = ["labels", "train"] as const;

/**
 * The sessions of a diagnosis, from `<path>/<diagnosis>[_baseline].tsv` (else `.csv`, else `.txt`), or from the rows of
 * one table with a column `diagnosis`: `path` where it ends so, else `<path>/labels[_baseline].tsv` or
 * `<path>/train[_baseline].tsv`, as ClinicaDL 1.x writes them. Any of them may be separated by tabs, semicolons or commas,
 * in UTF-8, UTF-16 or Windows-1252.
 * @throws VoxplainError `not-found` saying which lists there are, or when the list has no session;
 * `invalid-file` naming file, line and column; `unsafe-file` for an ID that would lead out of the CAPS.
 */
export async function readLabels(source: FileSource, path: FilePath, query: LabelQuery): Promise<LabelTable> {
  return readFirst(source, path, [listStem(path, query)], query);
}

/**
 * The training list of a fold: `train[_splits-<n>/split-<fold>]/<diagnosis>[_baseline].tsv` where
 * training wrote one, else as `readLabels`.
 * @throws VoxplainError as `readLabels`.
 */
export async function readTrainingLabels(
  source: FileSource,
  path: FilePath,
  query: LabelQuery & { readonly splitCount: number; readonly fold: number },
): Promise<LabelTable> {
  const { splitCount, fold } = query;
  const training = splitCount > 0 ? `train_splits-${splitCount}/split-${fold}` : "train";
  return readFirst(source, path, [listStem(`${path}/${training}`, query), listStem(path, query)], query);
}

/**
 * The sessions of one list, whatever its name is. The diagnosis is given to rows that have none.
 * @throws VoxplainError as `readLabels`.
 */
export async function readLabelFile(
  source: FileSource,
  file: FilePath,
  diagnosis: string,
): Promise<LabelTable> {
  const name = `${source.name}/${file}`;
  const table = await readTableFile({ source, below: file }, { orWindows1252: true });
  if (table.rows.length === 0) throw new VoxplainError("not-found", "it lists no session", { file: name });
  return labelTable(table, table.rows, diagnosis, source, file);
}

/**
 * Every session of one table whose diagnoses are not known, or with `labelled` of any table; undefined where it has a
 * column `diagnosis` and that is not wanted.
 * @param path - The table; or a folder, of which `labels[_baseline].tsv` or `train[_baseline].tsv` is read.
 * @returns undefined, too, for a folder without these tables.
 * @throws VoxplainError as `readLabels`.
 */
export async function readUnlabelled(
  source: FileSource,
  path: FilePath,
  { baseline = false, labelled = false }: UnlabelledQuery = {},
): Promise<LabelTable | undefined> {
  const file = isTable(path) ? path : await commonTable(source, path, baseline);
  if (file === undefined) return undefined;
  const name = `${source.name}/${file}`;
  const table = await readTableFile({ source, below: file }, { orWindows1252: true });
  if (table.columns.includes("diagnosis") && !labelled) return undefined;
  if (table.rows.length === 0) throw new VoxplainError("not-found", "it lists no session", { file: name });
  return labelTable(table, table.rows, "", source, file);
}

/** Whether a path names one table of labels, and not a folder of lists. */
export function isTable(path: FilePath): boolean {
  return tableName.test(path);
}

/** The path of a list, without its ending. */
function listStem(folder: FilePath, { diagnosis, baseline }: LabelQuery): FilePath {
  return joinPath(folder.replace(/^\//, ""), `${diagnosis}${baseline ? "_baseline" : ""}`);
}

/** The table of all sessions that ClinicaDL 1.x writes into a folder; undefined where there is none. */
async function commonTable(
  source: FileSource,
  folder: FilePath,
  baseline: boolean,
): Promise<FilePath | undefined> {
  return firstThere(
    source,
    commonTables.map((name) => listStem(folder, { diagnosis: name, baseline })),
  );
}

async function firstThere(source: FileSource, stems: readonly FilePath[]): Promise<FilePath | undefined> {
  for (const file of stems.flatMap((stem) => endings.map((ending) => `${stem}.${ending}`))) {
    if ((await source.open(file)) !== undefined || (await source.linkTarget?.(file)) !== undefined)
      return file;
  }
  return undefined;
}

async function readFirst(
  source: FileSource,
  path: FilePath,
  stems: readonly FilePath[],
  { diagnosis, baseline }: LabelQuery,
): Promise<LabelTable> {
  if (isTable(path)) return readSingle(source, path, diagnosis);
  const list = await firstThere(source, stems);
  if (list !== undefined) return readLabelFile(source, list, diagnosis);
  const common = await commonTable(source, path, baseline);
  if (common !== undefined) return readSingle(source, common, diagnosis);
  throw await noList(source, path, stems);
}

async function readSingle(source: FileSource, file: FilePath, diagnosis: string): Promise<LabelTable> {
  const name = `${source.name}/${file}`;
  const table = await readTableFile({ source, below: file }, { orWindows1252: true });
  checkColumns(table, ["diagnosis"], name);
  const rows = table.rows.filter(({ fields }) => fields.diagnosis === diagnosis);
  if (rows.length > 0) return labelTable(table, rows, diagnosis, source, file);
  const there = [...new Set(table.rows.map(({ fields }) => fields.diagnosis))].join(", ");
  throw new VoxplainError("not-found", `it lists no session with the diagnosis ${diagnosis}`, {
    file: name,
    found: there || "no rows",
  });
}

async function noList(source: FileSource, path: FilePath, stems: readonly FilePath[]) {
  const entries = await source.list(path);
  const there = (entries ?? []).map(({ name }) => name).filter(isTable);
  const found =
    entries === undefined
      ? `there is no folder ${joinPath(path) || "there"}`
      : there.length === 0
        ? "there are no tables (.tsv, .csv, .txt)"
        : `there is ${there.slice(0, 10).join(", ")}${there.length > 10 ? ", …" : ""}`;
  const other = there.find(
    (name) => !Object.hasOwn(diagnosisClasses, name.replace(/(_baseline)?\.[^.]+$/, "")),
  );
  return new VoxplainError(
    "not-found",
    `there is no label list ${stems.map((stem) => `${source.name}/${stem}.tsv`).join(" nor ")}; ${found}`,
    {
      hint:
        other === undefined
          ? undefined
          : `give a table with the column diagnosis itself (--tsv_path ${source.name}/${joinPath(path, other)})`,
    },
  );
}

/** The sessions of rows of a table. @throws VoxplainError `invalid-file` naming line and column. */
export function labelTable(
  table: Table,
  rows: readonly TableRow[],
  diagnosis: string,
  source: FileSource,
  file: FilePath,
): LabelTable {
  const name = `${source.name}/${file}`;
  checkColumns(table, ["participant_id", "session_id"], name);
  const lines = new Map<string, number>();
  const sessions = rows.map(({ line, fields }): Session => {
    const { participant_id: participantId = "", session_id: sessionId = "" } = fields;
    const where = `${name}, line ${line}`;
    checkId(participantId, "participant_id", where);
    checkId(sessionId, "session_id", where);
    const key = `${participantId} ${sessionId}`;
    const earlier = lines.get(key);
    if (earlier !== undefined) {
      throw new VoxplainError("invalid-file", `${key} is in line ${earlier} already`, { file: where });
    }
    lines.set(key, line);
    return {
      name: key,
      participantId,
      sessionId,
      diagnosis: fields.diagnosis || diagnosis,
      row: fields,
      cohort: "single",
    };
  });
  return { columns: table.columns, sessions, file };
}
