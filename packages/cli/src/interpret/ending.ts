import { directory } from "@voxplain/core/node";
import {
  type PictureChoice,
  writeChecks,
  writeGroupMaps,
  writeSummaryPictures,
  writeTables,
} from "@voxplain/results";
import { cohortTables } from "@voxplain/study";
import type { OutputProvenance } from "@voxplain/writers";
import type { Ending } from "../job/result.ts";
import { modelOf } from "../predict/ending.ts";

/** Writes the mean map, the tables and the checks. */
export async function endOfInterpretation(ending: Ending): Promise<{ readonly published?: () => void }> {
  const { record, files, folder, finished, mean, warn } = ending;
  const pictures = record.options.pictures as PictureChoice;
  const { kept } = finished;
  if (mean !== undefined) {
    const { name, vmax } = record;
    await writeGroupMaps(files, mean.mean(), {
      ...{ name, vmax, pictures, onUnknownPosition: () => warn(unknownPosition) },
    });
  }
  if (mean === undefined && pictures === "summary") {
    const sessions = finished.sessions.flatMap(({ place, computed }) => {
      const session = record.sessions[place];
      const outputs = (computed?.outputs ?? []) as OutputProvenance[];
      return session && computed?.isKept ? [{ session, files: outputs.map(({ file }) => file) }] : [];
    });
    await writeSummaryPictures(files, {
      ...{ source: directory(folder), sessions, name: record.name, vmax: record.vmax },
      onNoMean: (reason) => warn(`there is no summary of pictures, for the maps have no mean: ${reason}`),
    });
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
