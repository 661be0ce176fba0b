import { VoxplainError } from "@voxplain/core";
import papa from "papaparse";
import type { Separator } from "./separator.ts";

/** A line of a table, or several where a quoted field has line breaks. */
export interface ParsedRow {
  /** The line that it begins with. */
  readonly line: number;
  /** As they are written, without their quotation marks. */
  readonly fields: readonly string[];
}

/** The parser keeps a record of each that is misplaced. */
const mostQuotationMarks = 4_000_000;

/**
 * The fields of each line.
 * @param body - Lines end with "\n".
 * @param firstLine - The line of the file that the body begins with.
 * @throws VoxplainError `invalid-file` naming the line where a quotation mark is not closed or does not end its field.
 */
export function parseRows(
  body: string,
  separator: Separator,
  firstLine: number,
  file: string,
): readonly ParsedRow[] {
  let marks = 0;
  for (let at = body.indexOf('"'); at >= 0; at = body.indexOf('"', at + 1)) marks++;
  if (marks > mostQuotationMarks) {
    throw new VoxplainError("invalid-file", `it has more than ${mostQuotationMarks} quotation marks`, {
      file,
    });
  }
  const { data, errors } = papa.parse<string[]>(body, { delimiter: separator, newline: "\n" });
  const [error] = errors;
  if (error !== undefined) throw misquoted(firstLine + lineBreaks(body.slice(0, error.index ?? 0)), file);
  let line = firstLine;
  return data.map((fields) => {
    const row = { line, fields };
    const breaks = marks === 0 ? 0 : fields.reduce((sum, field) => sum + lineBreaks(field), 0);
    if (breaks > 0) checkSwallowed(row, separator, file);
    line += 1 + breaks;
    return row;
  });
}

/** A quotation mark that is closed in another row makes one field of the rows between: their lines are as long as it. */
function checkSwallowed({ line, fields }: ParsedRow, separator: Separator, file: string): void {
  const separatorsOf = (text: string) => text.split(separator).length - 1;
  for (const field of fields) {
    const inner = field.split("\n").slice(1, -1);
    if (fields.length > 1 && inner.some((text) => separatorsOf(text) === fields.length - 1)) {
      throw misquoted(line, file);
    }
  }
}

function misquoted(line: number, file: string): VoxplainError {
  return new VoxplainError(
    "invalid-file",
    `line ${line}: a quotation mark is opened and not closed there, or text follows the closing one`,
    { file, hint: 'write a quotation mark inside of others twice ("")' },
  );
}

function lineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
