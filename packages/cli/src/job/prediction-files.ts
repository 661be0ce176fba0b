import type { Session } from "@voxplain/caps-io";
import type { Computed } from "./compute-sessions.ts";
import { encodeFailures } from "./failures.ts";
import type { Job, Task } from "./plan-job.ts";
import { encodePartPredictions, encodePredictions, encodeSessions } from "./predictions.ts";
import type { RecordedFiles } from "./recorded-files.ts";

/**
 * Writes what was said of the sessions: data.tsv (those that were used), predictions.tsv,
 * <mode>_predictions.tsv, and errors.tsv where sessions failed.
 */
export async function writePredictionFiles(
  files: RecordedFiles,
  { settings: { mode }, severalCohorts: withCohort }: Job,
  { columns }: Task,
  { predictions, failures }: Computed,
  used: readonly Session[],
): Promise<void> {
  await files.write("data.tsv", encodeSessions(columns, used));
  await files.write("predictions.tsv", encodePredictions(predictions, { withCohort }));
  if (mode !== "image") {
    await files.write(`${mode}_predictions.tsv`, encodePartPredictions(predictions, mode, { withCohort }));
  }
  if (failures.list.length > 0) await files.write("errors.tsv", encodeFailures(failures.list));
}
