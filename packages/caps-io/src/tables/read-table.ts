import { decodeText, decodeUnicode, elementAt, VoxplainError, withEscapes } from "@voxplain/core";
import type { FilePlace } from "../file-place.ts";
import { notFetched, pointerFile } from "../not-fetched.ts";
import { parseRows } from "./parse-rows.ts";
import { headerColumns, type Separator, separatorOf } from "./separator.ts";

/** A table: everything stays text. */
export interface Table {
  /** Their names, in the order of the file; columns without a name are left out. */
  readonly columns: readonly string[];
  /** In the order of the file. */
  readonly rows: readonly TableRow[];
}

/** A row of a table. */
export interface TableRow {
  /** The line of the file in which it begins, from 1. */
  readonly line: number;
  /** The text of each column, without spaces at its ends. */
  readonly fields: Readonly<Record<string, string>>;
}

/** How a file of a table is decoded. */
export interface TableEncoding {
  /**
   * Whether a file that is neither UTF-8 nor UTF-16 is taken for Windows-1252, as Excel saves CSV in western Europe. In a
   * list of sessions that is safe: an ID or a diagnosis that is misread names no folder and no class. Default: false.
   */
  readonly orWindows1252?: boolean;
}

/** Beyond these, a file is no table of sessions, and takes more memory than its bytes. */
const mostBytes = 64 * 2 ** 20;
const mostLines = 500_000;
const mostColumns = 10_000;
const mostFields = 5_000_000;

const mostNamed = 20;

/**
 * Reads the file of a table, as `readTable`.
 * @throws VoxplainError as `readTable`; `not-found` where there is none, or git-annex or Git LFS have not fetched it;
 * `invalid-file` where it is neither UTF-8 nor UTF-16.
 */
export async function readTableFile(
  place: FilePlace,
  { orWindows1252 = false }: TableEncoding = {},
): Promise<Table> {
  const file = `${place.source.name}/${place.below}`;
  const reader = await place.source.open(place.below);
  if (reader === undefined) {
    throw (await notFetched(place)) ?? new VoxplainError("not-found", "there is no such file", { file });
  }
  if (reader.byteLength > mostBytes) refuseAsTable(file, `more than ${mostBytes / 2 ** 20} MiB`);
  const bytes = await reader.read(0, reader.byteLength);
  const pointer = pointerFile(place, bytes);
  if (pointer !== undefined) throw pointer;
  const other = otherFormat(bytes);
  if (other !== undefined) {
    throw new VoxplainError("unsupported", `it is ${other}, not a text file`, {
      file,
      hint: 'save the table as text, such as "CSV UTF-8"',
    });
  }
  const text = orWindows1252 ? decodeText(bytes) : decodeUnicode(bytes);
  if (text !== undefined) return readTable(text, file);
  throw new VoxplainError("invalid-file", "its text is neither UTF-8 nor UTF-16", {
    file,
    hint: 'it may be Windows-1252, as Excel saves "CSV": save it as "CSV UTF-8"',
  });
}

/** What people have tables in that are no text, by the first bytes. */
function otherFormat(bytes: Uint8Array): string | undefined {
  const begins = (...start: readonly number[]) => start.every((byte, k) => bytes[k] === byte);
  if (begins(0x50, 0x4b, 0x03, 0x04)) return "a workbook (.xlsx, .ods) or another archive";
  if (begins(0xd0, 0xcf, 0x11, 0xe0)) return "a workbook of an older Excel (.xls)";
  return begins(0x1f, 0x8b) ? "compressed (gzip)" : undefined;
}

/**
 * Reads a table with a header, separated by tabs, semicolons or commas, as spreadsheet programs save it: any line
 * ends, quotation marks as in RFC 4180, columns in any order, empty columns at the end, a first line `sep=;`. Rows with
 * only empty fields are ignored; spaces around a field, no-break ones too, are no part of it.
 * @throws VoxplainError `invalid-file` naming the file, and the line that does not fit the header.
 */
export function readTable(text: string, name: string): Table {
  checkSize(text, name);
  const { separator, body, line: firstLine } = separatorOf(text);
  const parsed = parseRows(body, separator, firstLine, name);
  const [header, ...lines] = parsed.filter(({ fields }) => fields.some((field) => trimmed(field) !== ""));
  const named = withoutEmptyEnd((header?.fields ?? []).map(trimmed), 0);
  if (named.length === 0) {
    throw new VoxplainError("invalid-file", "it is empty", { file: name, expected: "a table with a header" });
  }
  const columns = named.filter((column) => column !== "");
  const repeated = firstRepeated(columns);
  if (repeated !== undefined) {
    throw new VoxplainError("invalid-file", `it has two columns "${repeated}"`, {
      file: name,
      found: someColumns(columns),
      hint: "remove or rename one of them",
    });
  }
  const rows = lines.map(({ line, fields }): TableRow => {
    const own = withoutEmptyEnd(fields.map(trimmed), named.length);
    if (own.length !== named.length) throw otherCount(line, own.length, named.length, separator, name);
    const entries = named.map((column, position) => [column, elementAt(own, position)] as const);
    return { line, fields: Object.fromEntries(entries.filter(([column]) => column !== "")) };
  });
  return { columns, rows };
}

/** @throws VoxplainError `invalid-file` naming the first of these columns that the table lacks. */
export function checkColumns(
  { columns }: Pick<Table, "columns">,
  needed: readonly string[],
  name: string,
  hint?: string,
): void {
  const missing = needed.find((column) => !columns.includes(column));
  if (missing === undefined) return;
  throw new VoxplainError("invalid-file", `it has no column "${missing}"`, {
    file: name,
    found: someColumns(columns),
    hint,
  });
}

/** The text of a column that `checkColumns` found. */
export function fieldOf(fields: TableRow["fields"], column: string): string {
  const field = Object.hasOwn(fields, column) ? fields[column] : undefined;
  if (field === undefined) throw new RangeError(`the table was not checked for the column ${column}`);
  return field;
}

/** The columns of a table for a message: the first of many. */
export function someColumns(columns: readonly string[]): string {
  const some = columns.slice(0, mostNamed).map((column) => `"${withEscapes(column.slice(0, 60))}"`);
  const more = columns.length > some.length ? ` and ${columns.length - some.length} more` : "";
  return `${some.join(", ")}${more}`;
}

/** Bytes of a table that are read for its columns. */
const startOfTable = 65_536;

/** The columns of the table in a file, from its beginning; undefined where there is none. */
export async function readTableColumns({ source, below }: FilePlace): Promise<readonly string[] | undefined> {
  const reader = await source.open(below);
  return reader && tableColumns(await reader.read(0, Math.min(reader.byteLength, startOfTable)));
}

/** The columns of a table that begins with these bytes, which may end anywhere. */
function tableColumns(start: Uint8Array): readonly string[] {
  // Half a letter of UTF-8 at the end would make it another encoding.
  const end = start.length - 1 - start.toReversed().indexOf(10);
  const text = decodeText(end >= 0 && end < start.length ? start.subarray(0, end) : start);
  return headerColumns(text).map(trimmed);
}

function otherCount(
  line: number,
  found: number,
  expected: number,
  separator: Separator,
  file: string,
): VoxplainError {
  const rowNames = found === expected + 1 ? "; R writes one field more unless row.names is FALSE" : "";
  return new VoxplainError("invalid-file", `line ${line} does not have as many fields as the header`, {
    file,
    expected: String(expected),
    found: String(found),
    hint: `separate them by ${words[separator]}${rowNames}`,
  });
}

const words = { "\t": "tabs", ";": "semicolons", ",": "commas" } as const;

function checkSize(text: string, file: string): void {
  if (text.includes("\0")) refuseAsTable(file, "bytes of 0; is it a text file?");
  let lines = 0;
  let columns = 0;
  let fields = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 13) {
      columns = 0;
      if (++lines > 2 * mostLines) refuseAsTable(file, `more than ${mostLines} lines`);
    } else if (code === 9 || code === 44 || code === 59) {
      if (++columns > mostColumns) refuseAsTable(file, `more than ${mostColumns} columns`);
      if (++fields > mostFields) refuseAsTable(file, `more than ${mostFields} fields`);
    }
  }
}

function refuseAsTable(file: string, what: string): never {
  throw new VoxplainError("invalid-file", `it is not a table of sessions: it has ${what}`, { file });
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
