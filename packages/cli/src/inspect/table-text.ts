import { withEscapes } from "@voxplain/core";

/** A title, and what there is to say, on one line or several. */
export type Row = readonly [title: string, text: string];

/** Rows as a table whose second column is aligned. */
export function tableText(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([title]) => title.length));
  const indent = `\n${" ".repeat(width + 2)}`;
  return rows
    .map(([title, text]) => `${title.padEnd(width)}  ${text.split("\n").map(withEscapes).join(indent)}\n`)
    .join("");
}
