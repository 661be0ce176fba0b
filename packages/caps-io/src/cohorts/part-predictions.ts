import { type FilePath, type FileSource, VoxplainError } from "@voxplain/core";
import { checkColumns, fieldOf, readTableFile } from "../tables/read-table.ts";

/** A network's prediction for one part of an image. */
export interface PartPrediction {
  /** "sub-…" */
  readonly participantId: string;
  /** "ses-…" */
  readonly sessionId: string;
  /** The column `<mode>_id`. */
  readonly partId: number;
  /** The class of the session, from 0; −1 where it was not known. */
  readonly trueLabel: number;
  /** The class that the network saw, from 0. */
  readonly predictedLabel: number;
}

/**
 * Reads predictions as training writes them for each part, `validation_<mode>_level_prediction.tsv`.
 * @throws VoxplainError `not-found` when there is no such file; `invalid-file` naming line and column.
 */
export async function readPartPredictions(
  source: FileSource,
  path: FilePath,
  mode: "patch" | "roi" | "slice",
): Promise<PartPrediction[]> {
  const name = `${source.name}/${path}`;
  const table = await readTableFile({ source, below: path }, { orWindows1252: true });
  const idColumn = `${mode}_id`;
  checkColumns(table, ["participant_id", "session_id", idColumn, "true_label", "predicted_label"], name);
  return table.rows.map(({ line, fields }) => {
    const integer = (column: string, isNumber = /^\d{1,9}(\.0+)?$/) => {
      const text = fieldOf(fields, column);
      // pandas writes whole numbers of a column with gaps as "1.0".
      if (isNumber.test(text)) return Number(text);
      throw new VoxplainError("invalid-file", `line ${line}: the ${column} is not a whole number`, {
        file: name,
        found: `"${text}"`,
      });
    };
    return {
      participantId: fieldOf(fields, "participant_id"),
      sessionId: fieldOf(fields, "session_id"),
      partId: integer(idColumn),
      trueLabel: integer("true_label", /^(\d{1,9}|-1)(\.0+)?$/),
      predictedLabel: integer("predicted_label"),
    };
  });
}
