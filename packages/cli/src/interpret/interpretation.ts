import { VoxplainError } from "@voxplain/core";
import { type ExplainedImage, explainCohort } from "@voxplain/study";
import { type CheckedOf, checkedOf, writeChecks } from "../checks/write-checks.ts";
import type { JobTask } from "../job/prepare.ts";
import type { RecordedFiles } from "../job/recorded-files.ts";
import type { Computed, Result } from "../job/result.ts";
import { sentence } from "../job/sentence.ts";
import type { Warnings } from "../job/warnings.ts";
import { writeTables } from "../job/write-tables.ts";
import { loadPictures } from "./map-files.ts";
import type { InterpretJob } from "./plan.ts";
import { resolvedOptions } from "./resolved-options.ts";
import { groupResults, individualResults } from "./results.ts";
import { sessionFolders } from "./session-folders.ts";

/**
 * The maps of one fold and selection, of the sessions that `--keep_true` keeps. Those of sessions that were complete
 * before another session's image was found to be broken are kept.
 */
export function interpretation(
  job: InterpretJob,
  prepared: JobTask,
  files: RecordedFiles,
): Result<ExplainedImage> {
  const isMean = job.arguments.level === "group";
  const results = isMean
    ? groupResults(files, job)
    : individualResults(files, job, sessionFolders(prepared.task));
  const kept: ExplainedImage["session"][] = [];
  const checked: CheckedOf[] = [];
  return {
    options: resolvedOptions(job, prepared),
    images: (options) => explainCohort(job.plan, options),
    async onImage(image, warnings) {
      loadPictures().catch(() => {});
      if (!image.isKept) return;
      kept.push(image.session);
      checked.push(...checkedOf(job, image));
      warnOfMaps(job, image, warnings);
      await results.add(image, warnings);
    },
    outlivesFailure: () => !isMean && kept.length > 0,
    async finish(computed) {
      if (kept.length === 0) throw nothingKept(job, computed);
      await results.finish();
      await writeTables(files, job, prepared, { ...computed, used: kept });
      await writeChecks(files, checked);
    },
    settled: results.settled,
    published(computed) {
      if (computed.fatal) throw stoppedAfter(computed.fatal.error, kept.length, computed, prepared);
    },
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
    warnings.add("nothing says where the parts lie in the image: their maps are not recomposed");
  }
  warnOfPalePictures(image, vmax, warnings);
}

const palePictures = "pictures of 2D maps will look blank: ";

/** The manual's end of the colour scale is far above most gradients. */
function warnOfPalePictures({ session, parts }: ExplainedImage, vmax: number, warnings: Warnings): void {
  if (warnings.list.some((warning) => warning.startsWith(palePictures))) return;
  const strongest = parts
    .filter(({ map }) => map.dims.length === 3)
    .reduce((most, { map }) => map.data.reduce((top, value) => Math.max(top, Math.abs(value)), most), 0);
  if (strongest === 0 || strongest > vmax / 20) return;
  warnings.add(
    `${palePictures}they are drawn from −${vmax} to ${vmax}, and the strongest value of ${session.name} is ` +
      `${strongest.toPrecision(2)}; --vmax sets the end of their colours`,
  );
}

function nothingKept(
  { arguments: { keep_true, diagnosis } }: InterpretJob,
  { predictions }: Computed,
): VoxplainError {
  const outcome = keep_true ? "none of them is classified correctly" : "all of them are classified correctly";
  return new VoxplainError(
    "not-found",
    `no session is left to explain: there are ${predictions.length} of ${diagnosis}, and ${outcome} (--keep_true ${keep_true})`,
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
