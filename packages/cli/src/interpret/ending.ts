import { directory } from "@voxplain/core/node";
import {
  checksMaker,
  type PictureChoice,
  type SessionFiles,
  writeGroupMaps,
  writeSummaryPictures,
  writeTables,
} from "@voxplain/results";
import { sessionTables } from "@voxplain/study";
import type { OutputProvenance } from "@voxplain/writers";
import type { RecordedTask } from "../job/recorded-task.ts";
import type { ComputedOf, Ending, EndingContext } from "../job/result.ts";
import { predictionRows } from "../predict/ending.ts";

/** The mean map, the tables and the checks. */
export function endOfInterpretation(record: RecordedTask): Ending {
  const predictions = predictionRows(record);
  const checks = checksMaker();
  /** Of which a summary of pictures is chosen. */
  const summarized: SessionFiles[] = [];
  const hasSummary = record.request.result !== "mean" && record.options.pictures === "summary";
  return {
    see(one) {
      predictions.see(one);
      const { session, computed } = one;
      for (const check of computed.checks) checks.see(check);
      if (!hasSummary || !computed.isKept) return;
      const outputs = computed.outputs as readonly OutputProvenance[];
      const files = outputs.map(({ file }) => file).filter((file) => !file.includes("/parts/"));
      summarized.push({ session, files });
    },
    async write(context) {
      const { files, finished } = context;
      await writeMean(record, context);
      if (hasSummary) await writeSummary(record, context, summarized);
      await writeTables(files, sessionTables(record, finished));
      await checks.writePlots(files);
    },
    rows() {
      const columns = checks.columns();
      const rowsOf = ({ computed }: ComputedOf) => computed.checks.flatMap(checks.rowsOf);
      return [...predictions.rows(), ...(columns ? [{ file: "checks.tsv", columns, rowsOf }] : [])];
    },
  };
}

async function writeMean(
  { name, vmax, options }: RecordedTask,
  { files, mean, warn }: EndingContext,
): Promise<void> {
  if (mean === undefined) return;
  const pictures = options.pictures as PictureChoice;
  const onUnknownPosition = () => warn(unknownPosition);
  await writeGroupMaps(files, mean.mean(), { name, vmax, pictures, onUnknownPosition });
}

async function writeSummary(
  { name, vmax }: RecordedTask,
  { files, folder, warn }: EndingContext,
  sessions: readonly SessionFiles[],
): Promise<void> {
  await writeSummaryPictures(files, {
    ...{ source: directory(folder), sessions, name, vmax },
    onNoMean: (reason) => warn(`there is no summary of pictures, for the maps have no mean: ${reason}`),
  });
}

export const unknownPosition =
  "the position of the voxels is unknown: the maps get the identity as their affine; " +
  "give an image on the same grid with --nifti_template_path";
