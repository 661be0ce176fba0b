import { writeChecks, writeGroupMaps, writeTables } from "@voxplain/results";
import { cohortTables } from "@voxplain/study";
import type { Ending } from "../job/result.ts";
import { modelOf } from "../predict/ending.ts";

/** Writes the mean map, the tables and the checks. */
export async function endOfInterpretation(ending: Ending): Promise<{ readonly published?: () => void }> {
  const { record, files, finished, mean, warn } = ending;
  const { kept } = finished;
  if (mean !== undefined) {
    const { name, vmax } = record;
    await writeGroupMaps(files, mean.mean(), { name, vmax, onUnknownPosition: () => warn(unknownPosition) });
  }
  const used = kept.map(({ session }) => session);
  const columns = { withCohort: record.severalCohorts };
  await writeTables(files, cohortTables({ model: modelOf(record) }, record, { ...finished, used }, columns));
  await writeChecks(files, finished.checks);
  return {};
}

export const unknownPosition =
  "the position of the voxels is unknown: the maps get the identity as their affine; " +
  "give an image on the same grid with --nifti_template_path";
