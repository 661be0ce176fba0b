import type { Session } from "@voxplain/caps-io";
import { type PredictionTable, partPredictionTable, predictionTable } from "@voxplain/study";
import { encodeTable } from "@voxplain/writers";
import { encodeFailures } from "./failures.ts";
import type { CohortJob, JobTask } from "./prepare.ts";
import type { RecordedFiles } from "./recorded-files.ts";
import type { Computed } from "./result.ts";

/**
 * Writes what was said of the sessions: data.tsv (those that were used), predictions.tsv,
 * <mode>_predictions.tsv, and errors.tsv where sessions failed.
 */
export async function writePredictionFiles(
  files: RecordedFiles,
  { plan, placed: { severalCohorts: withCohort } }: CohortJob,
  { task: { columns } }: JobTask,
  { predictions, failures }: Computed,
  used: readonly Session[],
): Promise<void> {
  const { mode } = plan.model.parts;
  await files.write("data.tsv", encodeSessions(columns, used));
  await files.write("predictions.tsv", encoded(predictionTable(predictions, { withCohort })));
  if (mode !== "image") {
    const table = partPredictionTable(predictions, mode, { withCohort });
    await files.write(`${mode}_predictions.tsv`, encoded(table));
  }
  if (failures.length > 0) await files.write("errors.tsv", encodeFailures(failures));
}

function encoded({ columns, rows }: PredictionTable): Uint8Array {
  return encodeTable(columns, rows);
}

/** data.tsv: the sessions that were used, with the columns of their label file, then `cohort`. */
function encodeSessions(columns: readonly string[], sessions: readonly Session[]): Uint8Array {
  const withCohort = [...columns.filter((column) => column !== "cohort"), "cohort"];
  return encodeTable(
    withCohort,
    sessions.map(({ row, cohort }) => ({ ...row, cohort })),
  );
}
