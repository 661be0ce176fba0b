import { VoxplainError } from "@voxplain/core";
import { tsvParseRows } from "d3-dsv";

/** A TSV file: everything stays text. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

export interface TableRow {
  /** Its line in the file; the header is line 1. */
  readonly line: number;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Reads a TSV with a header. Blank lines are passed over.
 * @throws VoxplainError `invalid-file` naming the file, and the line that does not fit the header.
 */
export function readTable(text: string, name: string): Table {
  const [columns, ...body] = tsvParseRows(text.replace(/^\uFEFF/, ""));
  if (columns === undefined || columns.every((column) => column.trim() === "")) {
    throw new VoxplainError("invalid-file", `${name} is empty: a TSV with a header is needed`);
  }
  const repeated = columns.find((column, k) => columns.indexOf(column) !== k);
  if (repeated !== undefined) {
    throw new VoxplainError("invalid-file", `${name} has two columns "${repeated}"`);
  }
  const rows: TableRow[] = [];
  for (const [k, fields] of body.entries()) {
    const where = `${name}, line ${k + 2}`;
    // A quotation mark that is never closed would swallow the sessions behind it.
    if (fields.some((field) => /[\r\n]/.test(field))) {
      throw new VoxplainError("invalid-file", `${where}: a quotation mark is opened and not closed there`);
    }
    if (fields.every((field) => field.trim() === "")) continue;
    if (fields.length !== columns.length) {
      throw new VoxplainError(
        "invalid-file",
        `${where} has ${fields.length} fields, the header has ${columns.length}; are they separated by tabs?`,
      );
    }
    const entries = columns.map((column, position) => [column, fields[position]!]);
    rows.push({ line: k + 2, fields: Object.fromEntries(entries) });
  }
  return { columns, rows };
}

/** @throws VoxplainError `invalid-file` naming the first of these columns that the table lacks. */
export function checkColumns({ columns }: Table, needed: readonly string[], name: string): void {
  const missing = needed.find((column) => !columns.includes(column));
  if (missing === undefined) return;
  const commas = columns.length === 1 && columns[0]!.includes(",");
  throw new VoxplainError(
    "invalid-file",
    commas
      ? `${name} is separated by commas: a TSV, separated by tabs, is needed`
      : `${name} has no column "${missing}"; it has ${columns.map((column) => `"${column}"`).join(", ")}`,
  );
}
