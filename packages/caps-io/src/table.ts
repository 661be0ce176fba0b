import { VoxplainError } from "@voxplain/core";
import { tsvParseRows } from "d3-dsv";

/** A TSV file: everything stays text. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/**
 * Reads a TSV with a header. Blank lines are passed over.
 * @throws VoxplainError `invalid-file` naming the file and the row that has another number of fields.
 */
export function readTable(text: string, name: string): Table {
  const [columns, ...body] = tsvParseRows(text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n"));
  if (columns === undefined || columns.every((column) => column.trim() === "")) {
    throw new VoxplainError("invalid-file", `${name} is empty: a TSV with a header is needed`);
  }
  const repeated = columns.find((column, k) => columns.indexOf(column) !== k);
  if (repeated !== undefined)
    throw new VoxplainError("invalid-file", `${name} has two columns "${repeated}"`);
  const filled = body.filter((fields) => fields.some((field) => field.trim() !== ""));
  const rows = filled.map((fields, k) => {
    if (fields.length !== columns.length) {
      throw new VoxplainError(
        "invalid-file",
        `${name}, row ${k + 1} has ${fields.length} fields, the header has ${columns.length}; are they separated by tabs?`,
      );
    }
    return Object.fromEntries(columns.map((column, position) => [column, fields[position]!]));
  });
  return { columns, rows };
}
