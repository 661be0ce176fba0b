import { affineOf } from "@voxplain/caps-io";
import { type Affine, type ModelRuntime, VoxplainError } from "@voxplain/core";
import { type ChosenMethod, createMethod } from "@voxplain/saliency";
import { type CheckedOf, writeChecks } from "../checks/write-checks.ts";
import { methodTexts } from "../command-line/method-flags.ts";
import { type Computed, computeSessions } from "../job/compute-sessions.ts";
import { type ExplainedSession, nameOf } from "../job/explain-sessions.ts";
import type { Failures } from "../job/failures.ts";
import type { Task } from "../job/plan-job.ts";
import { writePredictionFiles } from "../job/prediction-files.ts";
import type { SessionPrediction } from "../job/predictions.ts";
import { writeRecords } from "../job/record.ts";
import { recordedFiles } from "../job/recorded-files.ts";
import { startResult } from "../job/result-folder.ts";
import { sentence } from "../job/sentence.ts";
import { stopwatch } from "../job/stopwatch.ts";
import type { TaskStatus } from "../job/task-status.ts";
import type { Warnings } from "../job/warnings.ts";
import { checkGradients } from "./check-gradients.ts";
import { cohortSources } from "./cohort-sources.ts";
import { loadPictures } from "./map-files.ts";
import type { Plan } from "./plan.ts";
import { resolvedOptions } from "./resolved-options.ts";
import { groupResults, individualResults, type Results } from "./results.ts";
import { checkedOf, sessionCheck } from "./session-checks.ts";
import { sessionFolders } from "./session-folders.ts";

/**
 * Computes one fold and selection and writes its result. When it fails nothing is left behind, but for
 * the maps of sessions that were complete before another session's image was found to be broken.
 */
export async function runTask(plan: Plan, task: Task, runtime: ModelRuntime): Promise<TaskStatus> {
  const started = new Date();
  const clock = stopwatch();
  await checkGradients(plan, task);
  const result = await startResult(task.outputPath);
  const { level, name, through_normalization: throughNormalization } = plan.arguments;
  const files = recordedFiles(result.files);
  const results =
    level === "group"
      ? groupResults(files, name, { throughNormalization })
      : individualResults(files, sessionFolders(task), { throughNormalization });
  try {
    const notes: string[] = [];
    const sources = cohortSources(plan, task, plan.arguments, {
      ...(plan.template && { template: plan.template }),
      warn: (warning) => notes.push(warning),
    });
    const method = await createMethod(plan.arguments.method, methodTexts(plan.arguments), sources);
    const warned = { ...task, warnings: [...task.warnings, ...notes] };
    const { kept, checked, ...computed } = await computeMaps(plan, warned, { runtime, method, results });
    const { failures, predictions } = computed;
    const broken = failures.fatal;
    if (broken && (level === "group" || kept.length === 0)) throw broken.error;
    if (kept.length === 0) throw nothingKept(plan, computed);
    clock.lap("computing");
    await results.finish();
    const used = kept.map(({ session }) => session);
    await writePredictionFiles(files, plan, task, computed, used);
    if (checked.length > 0) await writeChecks(files, checked);
    clock.lap("writing");
    await writeRecords(files, {
      ...{ runtime, command: plan.command, threads: plan.arguments.threads },
      ...{ options: resolvedOptions(plan, task, method), seed: method.seed },
      ...{ started, durations: clock.seconds },
      ...computed.record,
    });
    await result.publish();
    if (broken) throw stoppedAfter(broken, kept.length, predictions.length, task);
    return failures.list.length > 0 ? 3 : 0;
  } catch (error) {
    await results.settled();
    result.discard();
    throw error;
  }
}

/** Hands the maps of sessions on that `--keep_true` keeps. */
async function computeMaps(
  plan: Plan,
  task: Task,
  { runtime, method, results }: { runtime: ModelRuntime; method: ChosenMethod; results: Results },
) {
  const { keep_true } = plan.arguments;
  const kept: SessionPrediction[] = [];
  const checked: CheckedOf[] = [];
  const check = sessionCheck(plan, task, runtime, method);
  const computed = await computeSessions({
    ...(check && { check }),
    ...{ job: plan, task, runtime, options: plan.arguments },
    averaged: plan.arguments.level === "group",
    ...{
      method: method.compute,
      target: plan.targetClass,
      keepOriginal: plan.arguments.through_normalization,
    },
    async onSession(session, predicted, warnings) {
      loadPictures().catch(() => {});
      const isRight = predicted.prediction.predictedClass === predicted.trueClass;
      if (keep_true !== undefined && keep_true !== isRight) return undefined;
      kept.push(predicted);
      checked.push(...checkedOf(plan, session));
      await addMaps(plan, session, results, warnings);
      return undefined;
    },
  });
  return { ...computed, kept, checked };
}

async function addMaps(
  plan: Plan,
  session: ExplainedSession,
  results: Results,
  warnings: Warnings,
): Promise<void> {
  const { input, parts } = session;
  if (plan.settings.mode !== "image" && (input.grid === undefined || !parts[0]?.part.placement)) {
    warnings.add("nothing says where the parts lie in the image: their maps are not recomposed");
  }
  warnOfPalePictures(session, plan.arguments.vmax, warnings);
  await results.add(session, {
    affine: affineOfSession(session, plan),
    warn: (warning) => warnings.add(warning),
    vmax: plan.arguments.vmax,
    title: `${plan.arguments.name}: ${nameOf(input)}`,
  });
}

/** Of whatever its warnings are, the plan has given them. */
function affineOfSession({ input }: ExplainedSession, { template }: Plan): Affine | undefined {
  const { grid: shape, affine, affineError } = input;
  const grid = { name: nameOf(input), ...(shape && { shape }), ...(affine && { affine }) };
  return affineOf({ ...grid, ...(affineError && { affineError }) }, template).affine;
}

const palePictures = "pictures of 2D maps will look blank: ";

/** The manual's end of the colour scale is far above most gradients. */
function warnOfPalePictures({ input, parts }: ExplainedSession, vmax: number, warnings: Warnings): void {
  if (warnings.list.some((warning) => warning.startsWith(palePictures))) return;
  const strongest = parts
    .filter(({ map }) => map.dims.length === 3)
    .reduce((most, { map }) => map.data.reduce((top, value) => Math.max(top, Math.abs(value)), most), 0);
  if (strongest === 0 || strongest > vmax / 20) return;
  warnings.add(
    `${palePictures}they are drawn from −${vmax} to ${vmax}, and the strongest value of ${nameOf(input)} is ` +
      `${strongest.toPrecision(2)}; --vmax sets the end of their colours`,
  );
}

function nothingKept(
  { arguments: { keep_true, diagnosis } }: Plan,
  { predictions }: Computed,
): VoxplainError {
  const outcome = keep_true ? "none of them is classified correctly" : "all of them are classified correctly";
  return new VoxplainError(
    "not-found",
    `no session is left to explain: there are ${predictions.length} of ${diagnosis}, and ${outcome} (--keep_true ${keep_true})`,
  );
}

function stoppedAfter(
  { error }: NonNullable<Failures["fatal"]>,
  kept: number,
  computed: number,
  { outputPath, sessions }: Task,
): VoxplainError {
  return new VoxplainError(
    error.code,
    `${sentence(error.message)} It stopped there, after ${computed} of ${sessions.length} sessions; the ${kept} that were ` +
      `complete are in ${outputPath}. With --on_error skip it would go on without the broken ones`,
    { cause: error },
  );
}
