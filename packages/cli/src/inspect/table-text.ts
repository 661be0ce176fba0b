import { withEscapes } from "@voxplain/core";

/** A title, and the lines of what there is to say. */
export type Row = readonly [title: string, ...lines: readonly string[]];

/** Rows as a table whose second column is aligned. */
export function tableText(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([title]) => title.length));
  const indent = `\n${" ".repeat(width + 2)}`;
  return rows
    .map(([title, ...lines]) => `${title.padEnd(width)}  ${lines.map(withEscapes).join(indent)}\n`)
    .join("");
}
