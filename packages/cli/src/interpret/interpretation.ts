import { directory } from "@voxplain/core/node";
import {
  checkedOf,
  individualMapFiles,
  loadPictures,
  sessionFolders,
  strongestOfPale,
} from "@voxplain/results";
import { type ExplainedImage, explainCohort, sessionSums } from "@voxplain/study";
import type { JobTask } from "../job/prepare.ts";
import { recordTask } from "../job/record-task.ts";
import type { Result } from "../job/result.ts";
import type { JobRuntime } from "../job/run-job.ts";
import type { Warnings } from "../job/warnings.ts";
import { unknownPosition } from "./ending.ts";
import type { InterpretJob } from "./plan.ts";
import { resolvedOptions } from "./resolved-options.ts";

/**
 * The maps of one fold and selection, of the sessions that `--keep_true` keeps: of each its files, or its sums for the mean.
 * @param folder - Where the files are written.
 */
export function interpretation(
  job: InterpretJob,
  prepared: JobTask,
  runtime: JobRuntime,
  folder: string,
): Result<ExplainedImage> {
  const { plan, data, arguments: args } = job;
  const isMean = args.level === "group";
  let warn: Warnings["add"] = () => {};
  const maps = isMean
    ? undefined
    : individualMapFiles(directory(folder), plan, {
        ...{
          name: args.name,
          vmax: args.vmax,
          pictures: args.pictures,
          onUnknownPosition: () => warn(unknownPosition),
        },
        folderOf: sessionFolders(prepared.task),
      });
  const sumsOf = sessionSums(plan.request);
  const columns = { withCohort: data.severalCohorts };
  return {
    record: recordTask(job, prepared, runtime, {
      ...{ command: "interpret", name: args.name, vmax: args.vmax },
      options: resolvedOptions(job, prepared),
    }),
    averages: isMean,
    // Each image is summed before the next one is asked for.
    images: (options) => explainCohort(plan, { ...options, borrow: isMean }),
    async onImage(image, warnings) {
      if (!image.isKept) return {};
      warnOfMaps(job, image, warnings);
      warn = warnings.add;
      const checks = checkedOf(plan, image, columns);
      if (maps === undefined) {
        // For the end: it loads while the network computes.
        if (args.pictures !== "none") loadPictures().catch(() => {});
        return { checks, sums: sumsOf(image) };
      }
      return { checks, ...(await maps.add(image)) };
    },
    ...(maps && { settled: maps.settled }),
  };
}

function warnOfMaps(
  { plan, arguments: { vmax } }: InterpretJob,
  image: ExplainedImage,
  warnings: Warnings,
): void {
  const [first] = image.parts;
  const isPlaced = image.input.grid !== undefined && first?.part.placement !== undefined;
  if (plan.model.parts.mode !== "image" && !isPlaced) {
    warnings.add("the positions of the parts in the image are not known: their maps are not recomposed");
  }
  warnOfPalePictures(image, vmax, warnings);
}

const palePictures = "pictures of 2D maps will look blank: ";

function warnOfPalePictures(image: ExplainedImage, vmax: number, warnings: Warnings): void {
  if (warnings.list.some((warning) => warning.startsWith(palePictures))) return;
  const strongest = strongestOfPale(image, vmax);
  if (strongest === undefined) return;
  warnings.add(
    `${palePictures}they are drawn from −${vmax} to ${vmax}, and the strongest value of ${image.session.name} is ` +
      `${strongest.toPrecision(2)}; --vmax sets the end of their colours`,
  );
}
