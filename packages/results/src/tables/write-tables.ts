import { cohortTables, type PredictionTable, type SessionResults } from "@voxplain/study";
import { encodeTable } from "@voxplain/writers";
import type { CohortJob, JobTask } from "./prepare.ts";
import type { RecordedFiles } from "./recorded-files.ts";

/** Writes the tables of what was said of the sessions, and others beside them. */
export async function writeTables(
  files: RecordedFiles,
  { plan, placed: { severalCohorts: withCohort } }: CohortJob,
  { task }: JobTask,
  results: SessionResults,
  others: Readonly<Record<string, PredictionTable>> = {},
): Promise<void> {
  const tables = { ...cohortTables(plan, task, results, { withCohort }), ...others };
  for (const [file, { columns, rows }] of Object.entries(tables)) {
    await files.write(file, encodeTable(columns, rows));
  }
}
