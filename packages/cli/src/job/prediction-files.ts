import type { Session } from "@voxplain/caps-io";
import { encodeFailures } from "./failures.ts";
import { encodePartPredictions, encodePredictions, encodeSessions } from "./predictions.ts";
import type { PreparedJob, PreparedTask } from "./prepare.ts";
import type { RecordedFiles } from "./recorded-files.ts";
import type { Computed } from "./run-images.ts";

/**
 * Writes what was said of the sessions: data.tsv (those that were used), predictions.tsv,
 * <mode>_predictions.tsv, and errors.tsv where sessions failed.
 */
export async function writePredictionFiles(
  files: RecordedFiles,
  { plan, placed: { severalCohorts: withCohort } }: PreparedJob,
  { task: { columns } }: PreparedTask,
  { predictions, failures }: Computed,
  used: readonly Session[],
): Promise<void> {
  const { mode } = plan.model.parts;
  await files.write("data.tsv", encodeSessions(columns, used));
  await files.write("predictions.tsv", encodePredictions(predictions, { withCohort }));
  if (mode !== "image") {
    await files.write(`${mode}_predictions.tsv`, encodePartPredictions(predictions, mode, { withCohort }));
  }
  if (failures.length > 0) await files.write("errors.tsv", encodeFailures(failures));
}
