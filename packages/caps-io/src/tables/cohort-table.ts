import { isVoxplainError, VoxplainError } from "@voxplain/core";
import type { FilePlace } from "../file-place.ts";
import {
  checkColumns,
  fieldOf,
  readTableFile,
  type Table,
  type TableEncoding,
  type TableRow,
} from "./read-table.ts";
import { inAnotherCase, renameColumns } from "./rename-columns.ts";

/** A table that names what each of several cohorts has. */
export interface CohortTable {
  /** The file, for messages. */
  readonly name: string;
  /** By the names of the cohorts, in the order of the table. */
  readonly rows: ReadonlyMap<string, CohortRow>;
}

/** What a table says of one cohort. */
export interface CohortRow {
  /** Its name. */
  readonly cohort: string;
  /** As the table has it. */
  readonly path: string;
  /** Empty where the table has no such column. */
  readonly diagnoses: readonly string[];
  /** Table and line, for messages. */
  readonly where: string;
}

/**
 * Reads a table of cohorts.
 * @param needed - Columns of which no field may be empty.
 * @throws VoxplainError `invalid-file` naming table and line: a missing column, an empty field, a cohort that is listed
 * twice; `not-found` where it lists none.
 */
export async function readCohortTable(
  { source, below }: FilePlace,
  needed: readonly ("cohort" | "path" | "diagnoses")[],
  encoding?: TableEncoding,
): Promise<CohortTable> {
  const name = `${source.name}/${below}`;
  const table = withNames(await readTableFile({ source, below }, encoding), needed);
  const hasImages = table.columns.some((column) => column.toLowerCase() === "image");
  checkColumns(
    table,
    needed,
    name,
    hasImages
      ? "if it lists the images themselves, it is not one of several cohorts (--multi_cohort)"
      : undefined,
  );
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

/** A table whose columns may have the names in another case. */
function withNames(table: Table, needed: readonly string[]): Table {
  const names = needed.map((name) => [inAnotherCase(table.columns, name) ?? name, name] as const);
  return renameColumns(table, new Map(names));
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

/** Says which line of a table led to a file. */
export async function inTable<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    const { code, message, hasLines } = error;
    throw new VoxplainError(code, message, { file: where, hasLines, cause: error });
  }
}
