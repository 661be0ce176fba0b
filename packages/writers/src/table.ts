import { tsvFormatRows } from "d3-dsv";
import { encodePieces } from "./text-pieces.ts";

/** What a table holds; null and undefined are empty. */
export type Cell = string | number | null | undefined;

/** How a table is written. */
export interface TableFormat {
  /** What missing cells and NaN are written as; "n/a" in BIDS. Default: "", as pandas writes and reads them. */
  readonly missing?: string;
}

/**
 * The bytes of a TSV file with a header line: UTF-8, "\n" after every line, quotes only around cells that need
 * them (a tab, a quote or a line break inside), as pandas' `to_csv(sep="\t", index=False)` writes.
 * Numbers keep every digit of a double. Missing cells and NaN are empty unless the format says otherwise.
 * A column that a row does not have is missing; what a row has beyond the columns is left out.
 */
export function encodeTable(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, Cell>>[],
  { missing = "" }: TableFormat = {},
): Uint8Array {
  const lines = [lineOf(columns), ...rows.map((row) => lineOf(cellsOf(row, columns, missing)))];
  return new TextEncoder().encode(lines.join(""));
}

/** The same bytes in pieces, of rows that are read while they are written. */
export function encodeTablePieces(
  columns: readonly string[],
  rows: AsyncIterable<Readonly<Record<string, Cell>>>,
  { missing = "" }: TableFormat = {},
): AsyncGenerator<Uint8Array> {
  return encodePieces(linesOf(columns, rows, missing));
}

async function* linesOf(
  columns: readonly string[],
  rows: AsyncIterable<Readonly<Record<string, Cell>>>,
  missing: string,
): AsyncGenerator<string> {
  yield lineOf(columns);
  for await (const row of rows) yield lineOf(cellsOf(row, columns, missing));
}

function cellsOf(
  row: Readonly<Record<string, Cell>>,
  columns: readonly string[],
  missing: string,
): readonly string[] {
  return columns.map((column) => text(row[column], missing));
}

function lineOf(cells: readonly string[]): string {
  // A line with one empty cell would be an empty line, which readers skip.
  return `${cells.length === 1 && cells[0] === "" ? '""' : tsvFormatRows([[...cells]])}\n`;
}

function text(cell: Cell, missing: string): string {
  if (typeof cell === "string") return cell;
  if (cell === null || cell === undefined || Number.isNaN(cell)) return missing;
  if (!Number.isFinite(cell)) return cell > 0 ? "inf" : "-inf";
  return Object.is(cell, -0) ? "-0.0" : String(cell);
}
