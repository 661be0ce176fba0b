import { directory } from "@voxplain/core/node";
import {
  type PictureChoice,
  type SessionFiles,
  writeChecks,
  writeGroupMaps,
  writeSummaryPictures,
  writeTables,
} from "@voxplain/results";
import { type SessionCheck, streamedTables } from "@voxplain/study";
import type { OutputProvenance } from "@voxplain/writers";
import type { Ending, Finished } from "../job/result.ts";
import { modelOf } from "../predict/ending.ts";

/** Writes the mean map, the tables and the checks. */
export async function endOfInterpretation(ending: Ending): Promise<{ readonly published?: () => void }> {
  const { record, files, folder, finished, mean, warn } = ending;
  const pictures = record.options.pictures as PictureChoice;
  if (mean !== undefined) {
    const { name, vmax } = record;
    await writeGroupMaps(files, mean.mean(), {
      ...{ name, vmax, pictures, onUnknownPosition: () => warn(unknownPosition) },
    });
  }
  if (mean === undefined && pictures === "summary") {
    const sessions: SessionFiles[] = [];
    for await (const { session, computed } of finished.computed()) {
      const outputs = computed.outputs as readonly OutputProvenance[];
      const files = outputs.map(({ file }) => file).filter((file) => !file.includes("/parts/"));
      if (computed.isKept) sessions.push({ session, files });
    }
    await writeSummaryPictures(files, {
      ...{ source: directory(folder), sessions, name: record.name, vmax: record.vmax },
      onNoMean: (reason) => warn(`there is no summary of pictures, for the maps have no mean: ${reason}`),
    });
  }
  const columns = { withCohort: record.severalCohorts };
  await writeTables(files, await streamedTables({ model: modelOf(record) }, record, finished, columns));
  await writeChecks(files, () => checksOf(finished));
  return {};
}

async function* checksOf({ computed: sessions }: Finished): AsyncGenerator<SessionCheck> {
  for await (const { computed } of sessions()) yield* computed.checks;
}

export const unknownPosition =
  "the position of the voxels is unknown: the maps get the identity as their affine; " +
  "give an image on the same grid with --nifti_template_path";
