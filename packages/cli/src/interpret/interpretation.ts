import { VoxplainError } from "@voxplain/core";
import {
  type CheckedOf,
  checkedOf,
  groupMapFiles,
  individualMapFiles,
  type RecordedFiles,
  sessionFolders,
  strongestOfPale,
  writeChecks,
  writeTables,
} from "@voxplain/results";
import { cohortTables, type ExplainedImage, explainCohort } from "@voxplain/study";
import type { JobTask } from "../job/prepare.ts";
import type { Computed, Result } from "../job/result.ts";
import { sentence } from "../job/sentence.ts";
import type { Warnings } from "../job/warnings.ts";
import type { InterpretJob } from "./plan.ts";
import { resolvedOptions } from "./resolved-options.ts";

/**
 * The maps of one fold and selection, of the sessions that `--keep_true` keeps. Those of sessions that were complete
 * before another session's image was found to be broken are kept.
 */
export function interpretation(
  job: InterpretJob,
  prepared: JobTask,
  files: RecordedFiles,
): Result<ExplainedImage> {
  const { plan, data, arguments: args } = job;
  const isMean = args.level === "group";
  let warn: Warnings["add"] = () => {};
  const how = { name: args.name, vmax: args.vmax, onUnknownPosition: () => warn(unknownPosition) };
  const maps = isMean
    ? groupMapFiles(files, plan, how)
    : individualMapFiles(files, plan, { ...how, folderOf: sessionFolders(prepared.task) });
  const columns = { withCohort: data.severalCohorts };
  const kept: ExplainedImage["session"][] = [];
  const checked: CheckedOf[] = [];
  return {
    options: resolvedOptions(job, prepared),
    // Each image is summed before the next one is asked for.
    images: (options) => explainCohort(plan, { ...options, borrow: isMean }),
    async onImage(image, warnings) {
      if (!image.isKept) return;
      kept.push(image.session);
      checked.push(...checkedOf(plan, image, columns));
      warnOfMaps(job, image, warnings);
      warn = warnings.add;
      await maps.add(image);
    },
    outlivesFailure: () => !isMean && kept.length > 0,
    async finish(computed) {
      if (kept.length === 0) throw nothingKept(job, computed);
      await maps.finish();
      await writeTables(files, cohortTables(plan, prepared.task, { ...computed, used: kept }, columns));
      await writeChecks(files, checked);
    },
    settled: maps.settled,
    published(computed) {
      if (computed.fatal) throw stoppedAfter(computed.fatal.error, kept.length, computed, prepared);
    },
  };
}

const unknownPosition =
  "the position of the voxels is unknown: the maps get the identity as their affine; " +
  "give an image on the same grid with --nifti_template_path";

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

function nothingKept(
  { arguments: { keep_true }, plan: { cohort } }: InterpretJob,
  { predictions }: Computed,
): VoxplainError {
  const ofDiagnosis = cohort.diagnoses?.[0] === undefined ? "" : ` of ${cohort.diagnoses[0]}`;
  const outcome = keep_true ? "none of them is classified correctly" : "all of them are classified correctly";
  return new VoxplainError(
    "not-found",
    `no session is left to explain: there are ${predictions.length}${ofDiagnosis}, and ${outcome} (--keep_true ${keep_true})`,
  );
}

function stoppedAfter(
  error: VoxplainError,
  kept: number,
  { predictions }: Computed,
  { outputPath, task: { images } }: JobTask,
): VoxplainError {
  return new VoxplainError(
    error.code,
    `${sentence(error.message)} It stopped there, after ${predictions.length} of ${images.length} sessions; the ${kept} that were ` +
      `complete are in ${outputPath}. With --on_error skip it would go on without the broken ones`,
    { cause: error },
  );
}
