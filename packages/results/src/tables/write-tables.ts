import type { PredictionTable, TableStream } from "@voxplain/study";
import { encodeTable, encodeTablePieces } from "@voxplain/writers";
import type { RecordedFiles } from "../records/recorded-files.ts";

/**
 * Writes tables, as `cohortTables`, `streamedTables`, `predictionTable` and `metricsTable` of `@voxplain/study` make them, by their names.
 */
export async function writeTables(
  files: RecordedFiles,
  tables: Readonly<Record<string, PredictionTable | TableStream>>,
): Promise<void> {
  for (const [file, table] of Object.entries(tables)) await files.write(file, bytesOf(table));
}

function bytesOf({ columns, rows }: PredictionTable | TableStream) {
  return Symbol.asyncIterator in rows ? encodeTablePieces(columns, rows) : encodeTable(columns, rows);
}
