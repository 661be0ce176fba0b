import { type ModelRuntime, VoxplainError } from "@voxplain/core";
import { startResult } from "@voxplain/core/node";
import { type ExplainedImage, explainCohort } from "@voxplain/study";
import { type CheckedOf, checkedOf, writeChecks } from "../checks/write-checks.ts";
import { writePredictionFiles } from "../job/prediction-files.ts";
import type { PreparedTask } from "../job/prepare.ts";
import { writeRecords } from "../job/record.ts";
import { recordedFiles } from "../job/recorded-files.ts";
import { type Computed, runImages } from "../job/run-images.ts";
import { sentence } from "../job/sentence.ts";
import { stopwatch } from "../job/stopwatch.ts";
import type { TaskStatus } from "../job/task-status.ts";
import type { Warnings } from "../job/warnings.ts";
import { loadPictures } from "./map-files.ts";
import type { InterpretJob } from "./plan.ts";
import { resolvedOptions } from "./resolved-options.ts";
import { groupResults, individualResults, type Results } from "./results.ts";
import { sessionFolders } from "./session-folders.ts";

/**
 * Computes one fold and selection and writes its result. When it fails nothing is left behind, but for
 * the maps of sessions that were complete before another session's image was found to be broken.
 */
export async function runTask(
  job: InterpretJob,
  prepared: PreparedTask,
  runtime: ModelRuntime,
): Promise<TaskStatus> {
  const started = new Date();
  const clock = stopwatch();
  const { level, threads } = job.arguments;
  const { task, outputPath } = prepared;
  const result = await startResult(outputPath);
  const files = recordedFiles(result.files);
  const results =
    level === "group" ? groupResults(files, job) : individualResults(files, job, sessionFolders(task));
  try {
    const { kept, checked, computed } = await computeMaps(job, prepared, { runtime, results });
    const { failures, fatal, predictions } = computed;
    if (fatal && (level === "group" || kept.length === 0)) throw fatal.error;
    if (kept.length === 0) throw nothingKept(job, computed);
    clock.lap("computing");
    await results.finish();
    await writePredictionFiles(files, job, prepared, computed, kept);
    if (checked.length > 0) await writeChecks(files, checked);
    clock.lap("writing");
    await writeRecords(files, {
      ...{ runtime, command: job.command, threads },
      ...{ options: resolvedOptions(job, prepared), seed: task.method?.seed ?? null },
      ...{ started, durations: clock.seconds },
      ...computed.record,
    });
    await result.publish();
    if (fatal) throw stoppedAfter(fatal.error, kept.length, predictions.length, prepared);
    return failures.length > 0 ? 3 : 0;
  } catch (error) {
    await results.settled();
    result.discard();
    throw error;
  }
}

/** Hands the maps of sessions on that `--keep_true` keeps. */
async function computeMaps(
  job: InterpretJob,
  prepared: PreparedTask,
  { runtime, results }: { readonly runtime: ModelRuntime; readonly results: Results },
) {
  const kept: ExplainedImage["session"][] = [];
  const checked: CheckedOf[] = [];
  const computed = await runImages({
    ...{ job, prepared, runtime, options: job.arguments },
    averaged: job.arguments.level === "group",
    images: (options) => explainCohort(job.plan, options),
    async onImage(image, warnings) {
      loadPictures().catch(() => {});
      if (!image.isKept) return;
      kept.push(image.session);
      checked.push(...checkedOf(job, image));
      warnOfMaps(job, image, warnings);
      await results.add(image, warnings);
    },
  });
  return { computed, kept, checked };
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
  computed: number,
  { outputPath, task: { images } }: PreparedTask,
): VoxplainError {
  return new VoxplainError(
    error.code,
    `${sentence(error.message)} It stopped there, after ${computed} of ${images.length} sessions; the ${kept} that were ` +
      `complete are in ${outputPath}. With --on_error skip it would go on without the broken ones`,
    { cause: error },
  );
}
