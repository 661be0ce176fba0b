import type { Fact, ReportedPicture, ReportedTable } from "../report.ts";
import { base64 } from "./base64.ts";
import { type Content, type Html, html } from "./html.ts";
import { shortNumber } from "./numbers.ts";

/** A name in its own direction of writing. */
export function name(text: string): Html {
  return html`<bdi>${text}</bdi>`;
}

/** Names and values. */
export function facts(all: readonly Fact[]): Html {
  if (all.length === 0) return html``;
  return html`<dl>${all.map((fact) => html`<div><dt>${fact.name}</dt><dd><bdi>${fact.value}</bdi></dd></div>`)}</dl>`;
}

/** What is shown when it is opened, and on paper. */
export function more(summary: Content, content: Content): Html {
  return html`<details class="more"><summary>${summary}</summary>${content}</details>`;
}

/** What a table looks like. */
export interface TableLook {
  /** Says what it shows. */
  readonly caption: string;
  /** Headings by columns; default: the names of the columns. */
  readonly headings?: Readonly<Record<string, string>>;
  /** Shows a cell in another way; undefined: as usual. */
  readonly show?: (column: string, cell: string | number, row: ReportedTable["rows"][number]) => Content;
  /** What is shown where there is no value; default: "n/a". */
  readonly missing?: (column: string) => string | undefined;
  /** The file that has all rows, for a table that is too long for a page. */
  readonly file?: string;
}

/** What stands before the label of a table's box: escaped text never has it. */
export const regionLabel = 'class="scroll" role="region" tabindex="0" aria-label=';

/** A table with a caption, in a box that scrolls by itself. */
export function table({ columns, rows }: ReportedTable, look: TableLook): Html {
  const heading = (column: string) => look.headings?.[column] ?? column.replaceAll("_", " ");
  const cellOf = (column: string, row: ReportedTable["rows"][number], k: number) => {
    const cell = row[column];
    const isMissing = cell === null || cell === undefined || cell === "";
    const shown = isMissing
      ? (look.missing?.(column) ?? "n/a")
      : (look.show?.(column, cell, row) ?? plain(column, cell));
    const isNumber = isMissing || (!isIdentity(column) && isNumeric(cell));
    if (k === 0) return html`<th scope="row">${shown}</th>`;
    return isNumber ? html`<td class="number">${shown}</td>` : html`<td>${shown}</td>`;
  };
  return html`<div ${{ html: regionLabel }}"${look.caption}"><table>
<caption>${look.caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col">${heading(column)}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${columns.map((column, k) => cellOf(column, row, k))}</tr>\n`)}</tbody>
</table></div>`;
}

function plain(column: string, cell: string | number): Content {
  if (isIdentity(column) || !isNumeric(cell)) return name(String(cell));
  const short = shortNumber(Number(cell));
  return short === String(cell) ? short : html`<span title="${String(cell)}">${short}</span>`;
}

function isIdentity(column: string): boolean {
  return /_id$|^(participant|session|sessions|region|name)$/.test(column);
}

function isNumeric(cell: string | number): boolean {
  return typeof cell === "number" || (cell.trim() !== "" && Number.isFinite(Number(cell)));
}

/** The most rows of a table that are in the page. */
const mostRows = 500;

/** The first rows, and the others when they are opened; what is more than a page should have is in the file alone. */
export function longTable(all: ReportedTable, look: TableLook, most = 20): Html {
  const { length } = all.rows;
  if (length <= most) return table(all, look);
  const part = (from: number, to: number) => ({ ...all, rows: all.rows.slice(from, to) });
  const shown = Math.min(length, mostRows);
  const where = look.file === undefined ? "the files of the result" : look.file;
  const rest =
    shown < length && html`<p>This page has ${shown} of the ${length} rows: all of them are in ${where}.</p>`;
  if (most === 0) {
    const title =
      shown < length
        ? `the first ${shown} of ${length} rows`
        : length === 1
          ? "one row"
          : `all ${length} rows`;
    return html`${more(`${look.caption}: ${title}`, table(part(0, shown), look))}${rest}`;
  }
  const first = { ...look, caption: `${look.caption} (the first ${most} of ${length} rows)` };
  const others = { ...look, caption: `${look.caption} (rows ${most + 1} to ${shown})` };
  return html`${table(part(0, most), first)}
${more(`Rows ${most + 1} to ${shown}`, table(part(most, shown), others))}${rest}`;
}

/** A picture that is enlarged when it is chosen. */
export function picture({ bytes, type, alternative, caption }: ReportedPicture): Html {
  const source = { html: `data:${type};base64,${base64(bytes)}` };
  return html`<figure><details class="zoom"><summary><img src="${source}" alt="${alternative}"><span class="hint"></span></summary></details>
<figcaption>${caption}</figcaption></figure>`;
}

/** A sequence in words: "a, b and c". */
export function sequence(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
