import { decodeText, elementAt, VoxplainError } from "@voxplain/core";
import { dsvFormat } from "d3-dsv";

/** A table: everything stays text. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

export interface TableRow {
  /** Its line in the file; the header is line 1. */
  readonly line: number;
  readonly fields: Readonly<Record<string, string>>;
}

const separators = ["\t", ";", ","] as const;
/** Beyond these, a file is no table of sessions, and takes more memory than its bytes. */
const mostLines = 500_000;
const mostColumns = 10_000;

/**
 * Reads a table with a header, separated by tabs, semicolons or commas, as spreadsheet programs save it: any line
 * ends, quotation marks, columns in any order, empty columns at the end, a first line `sep=;`. Blank lines are passed
 * over; spaces around a field, no-break ones too, are no part of it.
 * @throws VoxplainError `invalid-file` naming the file, and the line that does not fit the header.
 */
export function readTable(text: string, name: string): Table {
  checkSize(text, name);
  const { separator, body, firstLine } = separatorOf(text);
  const [header, ...lines] = dsvFormat(separator).parseRows(body);
  const columns = withoutEmptyEnd((header ?? []).map(trimmed), 0);
  if (columns.length === 0) {
    throw new VoxplainError("invalid-file", "it is empty", { file: name, expected: "a table with a header" });
  }
  const repeated = firstRepeated(columns);
  if (repeated !== undefined) {
    throw new VoxplainError("invalid-file", `it has two columns "${repeated}"`, { file: name });
  }
  const rows: TableRow[] = [];
  for (const [k, raw] of lines.entries()) {
    const line = k + 1 + firstLine;
    // A quotation mark that is never closed would swallow the sessions behind it.
    if (raw.some((field) => /[\r\n]/.test(field))) {
      throw new VoxplainError(
        "invalid-file",
        `line ${line}: a quotation mark is opened and not closed there (or a cell contains a line break)`,
        { file: name },
      );
    }
    const all = raw.map(trimmed);
    if (all.every((field) => field === "")) continue;
    const fields = withoutEmptyEnd(all, columns.length);
    if (fields.length !== columns.length) {
      throw new VoxplainError("invalid-file", `line ${line} does not have as many fields as the header`, {
        file: name,
        expected: String(columns.length),
        found: String(fields.length),
        hint: `separate them by ${words[separator]}`,
      });
    }
    const entries = columns.map((column, position) => [column, elementAt(fields, position)]);
    rows.push({ line, fields: Object.fromEntries(entries) });
  }
  return { columns, rows };
}

const words = { "\t": "tabs", ";": "semicolons", ",": "commas" } as const;

/** @throws VoxplainError `invalid-file` naming the first of these columns that the table lacks. */
export function checkColumns({ columns }: Table, needed: readonly string[], name: string): void {
  const missing = needed.find((column) => !columns.includes(column));
  if (missing === undefined) return;
  const some = columns.slice(0, mostNamed).map((column) => `"${column.slice(0, 60)}"`);
  const more = columns.length > some.length ? ` and ${columns.length - some.length} more` : "";
  throw new VoxplainError("invalid-file", `it has no column "${missing}"`, {
    file: name,
    found: `${some.join(", ")}${more}`,
  });
}

/** The text of a column that `checkColumns` found. */
export function fieldOf(fields: TableRow["fields"], column: string): string {
  const field = fields[column];
  if (field === undefined) throw new RangeError(`the table was not checked for the column ${column}`);
  return field;
}

const mostNamed = 20;

/** The columns of a table that begins with these bytes, which may end anywhere. */
export function tableColumns(start: Uint8Array): readonly string[] {
  // Half a letter of UTF-8 at the end would make it another encoding.
  const end = start.length - 1 - start.toReversed().indexOf(10);
  const text = decodeText(end >= 0 && end < start.length ? start.subarray(0, end) : start);
  const { separator, body } = separatorOf(text);
  return (dsvFormat(separator).parseRows(elementAt(body.split(/[\r\n]/, 1), 0))[0] ?? []).map(trimmed);
}

function checkSize(text: string, name: string): void {
  const refuse = (what: string): never => {
    throw new VoxplainError("invalid-file", `it is not a table of sessions: it has ${what}`, { file: name });
  };
  if (text.includes("\0")) refuse("bytes of 0; is it a text file?");
  let lines = 0;
  let columns = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 13) {
      columns = 0;
      if (++lines > 2 * mostLines) refuse(`more than ${mostLines} lines`);
    } else if (code === 9 || code === 44 || code === 59) {
      if (++columns > mostColumns) refuse(`more than ${mostColumns} columns`);
    }
  }
}

/** The one that the header has: a tab before a semicolon before a comma, which may be in a name or a number. */
function separatorOf(text: string) {
  const plain = text.replace(/^\uFEFF/, "");
  const [, declared] = /^"?sep=([\t;,])"?\r?\n/i.exec(plain) ?? [];
  const firstBreak = plain.indexOf("\n");
  const body = declared === undefined ? plain : plain.slice(firstBreak + 1);
  const header = body.slice(0, body.search(/[\r\n]|$/)).replace(/"[^"]*"/g, "");
  const separator =
    separators.find((one) => (declared === undefined ? header.includes(one) : one === declared)) ?? "\t";
  return { separator, body, firstLine: declared === undefined ? 1 : 2 };
}

/** Without spaces of every kind, and marks without width that are pasted with a text, at both ends. */
function trimmed(field: string): string {
  let start = 0;
  let end = field.length;
  while (start < end && isBlank(field, start)) start++;
  while (end > start && isBlank(field, end - 1)) end--;
  return field.slice(start, end);
}

function isBlank(field: string, at: number): boolean {
  const code = field.charCodeAt(at);
  // Letters of ASCII first: a pattern takes ten times as long.
  return code <= 32 || (code > 126 && /[\s\u200B-\u200F\u2060]/.test(field.charAt(at)));
}

/** Spreadsheet programs save columns behind the last one that was ever filled. */
function withoutEmptyEnd(fields: readonly string[], atLeast: number): readonly string[] {
  let length = fields.length;
  while (length > atLeast && fields[length - 1] === "") length--;
  return fields.slice(0, length);
}

function firstRepeated(columns: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return columns.find((column) => seen.size === seen.add(column).size);
}
