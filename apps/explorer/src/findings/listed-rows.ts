import type { FoundTable } from "./protocol.ts";

/** Noise over a whole image has hundreds of thousands of clusters: a page that lists them all takes gigabytes. */
const mostRows = 1000;

/** A table with as many rows as a page can list; its file has all. */
export function withListedRows(table: FoundTable): FoundTable {
  return { ...table, rows: table.rows.slice(0, mostRows) };
}
