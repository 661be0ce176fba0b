import { isVoxplainError, VoxplainError } from "@voxplain/core";
import { checkId } from "../caps/layout.ts";
import type { Session } from "../cohorts/labels.ts";
import { listedNames } from "../names-in-sentences.ts";
import { isMissing } from "./missing-value.ts";
import { fieldOf, type Table, type TableRow } from "./read-table.ts";

/** A row of a table of images. */
export interface ImageRow {
  /** Whose image it is. */
  readonly session: Session;
  /** The line of the table. */
  readonly line: number;
  /** The path of the image, separated by "/", also where the table has the "\\" of Windows; "" where it is empty or n/a. */
  readonly path: string;
}

/**
 * The rows of a table with known columns, each with its session.
 * @param label - The column of the labels, where the table has it.
 * @returns Rows whose IDs cannot be names of folders are not among the rows, but in a problem.
 * @throws VoxplainError `not-found` for a table without rows.
 */
export function imageRows(
  { columns, rows }: Table,
  label: string,
  file: string,
): { readonly rows: readonly ImageRow[]; readonly problems: readonly VoxplainError[] } {
  if (rows.length === 0) throw new VoxplainError("not-found", "it lists no image", { file });
  const imageColumn = columns.includes("image") ? "image" : "path";
  const valueIn = ({ fields }: TableRow, column: string) => {
    const value = columns.includes(column) ? fieldOf(fields, column) : "";
    return isMissing(value) ? "" : value;
  };
  const good: ImageRow[] = [];
  const wrong = new Map<string, { readonly error: VoxplainError; readonly lines: string[] }>();
  for (const row of rows) {
    const participantId = valueIn(row, "participant_id");
    const sessionId = valueIn(row, "session_id");
    try {
      checkId(participantId, "participant_id");
      if (sessionId !== "") checkId(sessionId, "session_id");
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      const kind = wrong.get(error.problem);
      if (kind === undefined) wrong.set(error.problem, { error, lines: [String(row.line)] });
      else kind.lines.push(String(row.line));
      continue;
    }
    const session = {
      name: sessionId === "" ? participantId : `${participantId} ${sessionId}`,
      ...{ participantId, sessionId },
      diagnosis: valueIn(row, label),
      row: row.fields,
      cohort: valueIn(row, "cohort") || "single",
    };
    good.push({ session, line: row.line, path: valueIn(row, imageColumn).replaceAll("\\", "/") });
  }
  const problems = [...wrong.values()].map(({ error, lines }) => {
    const where = `${file}, line${lines.length > 1 ? "s" : ""} ${listedNames(lines)}`;
    return new VoxplainError(error.code, error.problem, { file: where });
  });
  return { rows: good, problems };
}
