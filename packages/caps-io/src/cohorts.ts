import { type FilePath, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import { type LabelQuery, readLabels, readTrainingLabels, type Session } from "./labels.ts";
import { checkColumns, fieldOf, readTableFile, type TableRow } from "./tables/read-table.ts";

/** A file or folder: a source, and a path below it. */
export interface FilePlace {
  /** The folder or server that it is in. */
  readonly source: FileSource;
  /** The path of the file or folder below the source. */
  readonly below: FilePath;
}

/** The two tables of a multi-cohort study, and how the paths in them are opened. */
export interface CohortTables {
  /** TSV with the columns `cohort` and `path`: the CAPS of each cohort. */
  readonly caps: FilePlace;
  /** TSV with the columns `cohort`, `path` and `diagnoses` (separated by commas): the label lists of each. */
  readonly labels: FilePlace;
  /** Opens the CAPS that a table names. */
  readonly openCaps: (path: string) => FileSource | Promise<FileSource>;
  /** For a folder of lists, or one TSV file. */
  readonly openLabels: (path: string) => FilePlace | Promise<FilePlace>;
}

/** Which sessions of several cohorts are wanted. */
export interface CohortQuery extends LabelQuery {
  /** Set to read the lists of a training instead: see `readTrainingLabels`. */
  readonly training?: {
    /** Splits of the cross-validation; 0 where there was a single one. */
    readonly splitCount: number;
    /** Number of the split, from 0. */
    readonly fold: number;
  };
}

/** Sessions of several cohorts. */
export interface CohortLabels {
  /** The columns of all lists, in the order in which they first occur, then `cohort`. */
  readonly columns: readonly string[];
  /** In the order of the table of label lists, each list in its own order. */
  readonly sessions: readonly Session[];
  /** The lists that were read. */
  readonly files: readonly {
    /** The cohort's name in the tables. */
    readonly cohort: string;
    /** Its list: source and path, for messages. */
    readonly file: string;
  }[];
  /** The CAPS that a session is in. */
  capsOf(session: Session): FileSource;
}

/**
 * Reads the label lists of several cohorts. Cohorts whose `diagnoses` lack the wanted one are passed
 * over. The same participant may be in several cohorts and is another one in each.
 * @throws VoxplainError `invalid-file` naming table, line and cohort: a missing column, a cohort that is
 * listed twice, that is in the label table and not in the CAPS table; `not-found` when no cohort has the
 * diagnosis; and as `readLabels`.
 */
export async function readCohorts(tables: CohortTables, query: CohortQuery): Promise<CohortLabels> {
  const capsTable = await readCohortTable(tables.caps, ["cohort", "path"]);
  const labelTable = await readCohortTable(tables.labels, ["cohort", "path", "diagnoses"]);
  const used = usedCohorts(capsTable, labelTable, query.diagnosis);
  const columns: string[] = [];
  const sessions: Session[] = [];
  const files: { cohort: string; file: string }[] = [];
  const sources = new Map<string, FileSource>();
  for (const { cohort, path, where, caps } of used) {
    sources.set(cohort, await inTable(caps.where, async () => tables.openCaps(caps.path)));
    await inTable(where, async () => {
      const { source, below } = await tables.openLabels(path);
      const list = query.training
        ? await readTrainingLabels(source, below, { ...query, ...query.training })
        : await readLabels(source, below, query);
      columns.push(...list.columns.filter((column) => !columns.includes(column)));
      for (const session of list.sessions) sessions.push({ ...session, cohort });
      files.push({ cohort, file: `${source.name}/${list.file}` });
    });
  }
  return {
    columns: [...columns.filter((column) => column !== "cohort"), "cohort"],
    sessions: sessions.map((session) => ({ ...session, row: completeRow(session, columns) })),
    files,
    capsOf({ cohort }) {
      const source = sources.get(cohort);
      if (source === undefined) throw new RangeError(`there is no cohort "${cohort}"`);
      return source;
    },
  };
}

interface CohortTable {
  readonly name: string;
  readonly rows: ReadonlyMap<string, CohortRow>;
}

interface CohortRow {
  readonly cohort: string;
  readonly path: string;
  readonly diagnoses: readonly string[];
  /** Table and line, for messages. */
  readonly where: string;
}

async function readCohortTable(
  { source, below }: FilePlace,
  needed: readonly string[],
): Promise<CohortTable> {
  const name = `${source.name}/${below}`;
  const table = await readTableFile({ source, below }, { orWindows1252: true });
  checkColumns(table, needed, name);
  const rows = new Map<string, CohortRow>();
  const lines = new Map<string, number>();
  for (const row of table.rows) {
    const parsed = cohortRow(row, name, needed);
    const earlier = lines.get(parsed.cohort);
    if (earlier !== undefined) {
      throw new VoxplainError("invalid-file", `the cohort "${parsed.cohort}" is in line ${earlier} already`, {
        file: parsed.where,
      });
    }
    lines.set(parsed.cohort, row.line);
    rows.set(parsed.cohort, parsed);
  }
  if (rows.size === 0) throw new VoxplainError("not-found", "it lists no cohort", { file: name });
  return { name, rows };
}

function cohortRow({ line, fields }: TableRow, name: string, needed: readonly string[]): CohortRow {
  const where = `${name}, line ${line}`;
  const empty = needed.find((column) => fieldOf(fields, column).trim() === "");
  if (empty !== undefined) throw new VoxplainError("invalid-file", `the ${empty} is empty`, { file: where });
  const { cohort = "", path = "", diagnoses = "" } = fields;
  return {
    cohort: cohort.trim(),
    path: path.trim(),
    diagnoses: diagnoses.split(",").map((one) => one.trim()),
    where,
  };
}

/** Every cohort with labels must have a CAPS, also those that lack the diagnosis: it is a slip. Others may have one. */
function usedCohorts(caps: CohortTable, labels: CohortTable, diagnosis: string) {
  const rows = [...labels.rows.values()].map((row) => {
    const own = caps.rows.get(row.cohort);
    if (own !== undefined) return { ...row, caps: own };
    throw new VoxplainError(
      "invalid-file",
      `the cohort "${row.cohort}" is not in ${caps.name}, which has ${[...caps.rows.keys()].join(", ")}`,
      { file: row.where },
    );
  });
  const used = rows.filter(({ diagnoses }) => diagnoses.includes(diagnosis));
  if (used.length > 0) return used;
  const there = [...new Set(rows.flatMap(({ diagnoses }) => diagnoses))].join(", ");
  throw new VoxplainError("not-found", "there is no cohort with the diagnosis", {
    file: labels.name,
    expected: diagnosis,
    found: there,
  });
}

/** Says which line of a table led to a file. */
async function inTable<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    throw new VoxplainError(error.code, error.message, { file: where, cause: error });
  }
}

/** A column that only other cohorts' lists have is empty. */
function completeRow({ row, cohort }: Session, columns: readonly string[]): Readonly<Record<string, string>> {
  return { ...Object.fromEntries(columns.map((column) => [column, row[column] ?? ""])), cohort };
}
