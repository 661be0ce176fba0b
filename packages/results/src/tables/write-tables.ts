import type { PredictionTable } from "@voxplain/study";
import { encodeTable } from "@voxplain/writers";
import type { RecordedFiles } from "../records/recorded-files.ts";

/** Writes tables, as `cohortTables`, `predictionTable` and `metricsTable` of `@voxplain/study` make them, by their names. */
export async function writeTables(
  files: RecordedFiles,
  tables: Readonly<Record<string, PredictionTable>>,
): Promise<void> {
  for (const [file, { columns, rows }] of Object.entries(tables))
    await files.write(file, encodeTable(columns, rows));
}
