import { type FileSource, VoxplainError } from "@voxplain/core";
import type { FilePlace } from "../file-place.ts";
import { type CohortTable, inTable, readCohortTable } from "../tables/cohort-table.ts";
import { type LabelQuery, readLabels, readTrainingLabels, type Session } from "./labels.ts";

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
  /** The CAPS of these cohorts, in the order of their table. */
  readonly caps: readonly FileSource[];
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
  const capsTable = await readCohortTable(tables.caps, ["cohort", "path"], { orWindows1252: true });
  const labelTable = await readCohortTable(tables.labels, ["cohort", "path", "diagnoses"], {
    orWindows1252: true,
  });
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
    caps: [...capsTable.rows.keys()].flatMap((cohort) => sources.get(cohort) ?? []),
    capsOf({ cohort }) {
      const source = sources.get(cohort);
      if (source === undefined) throw new RangeError(`there is no cohort "${cohort}"`);
      return source;
    },
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

/** A column that only other cohorts' lists have is empty. */
function completeRow({ row, cohort }: Session, columns: readonly string[]): Readonly<Record<string, string>> {
  return { ...Object.fromEntries(columns.map((column) => [column, row[column] ?? ""])), cohort };
}
