import type { Table } from "./read-table.ts";

/** A table of which some columns have other names; the rest keep theirs. */
export function renameColumns({ columns, rows }: Table, names: ReadonlyMap<string, string>): Table {
  const nameOf = (column: string) => names.get(column) ?? column;
  if (columns.every((column) => nameOf(column) === column)) return { columns, rows };
  const renamed = columns.map(nameOf);
  return {
    columns: renamed,
    rows: rows.map(({ line, fields }) => {
      const entries = Object.entries(fields).map(([column, field]) => [nameOf(column), field] as const);
      return { line, fields: Object.fromEntries(entries) };
    }),
  };
}

/** The only column with this name in another case, where there is none with the name itself. */
export function inAnotherCase(columns: readonly string[], name: string): string | undefined {
  if (columns.includes(name)) return undefined;
  const [alike, ...others] = columns.filter((column) => column.toLowerCase() === name.toLowerCase());
  return others.length === 0 ? alike : undefined;
}
