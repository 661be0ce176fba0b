import { availableParallelism } from "node:os";
import type { SessionFailure } from "@voxplain/caps-io";
import type { ModelRuntime } from "@voxplain/core";
import {
  cohortWarnings,
  networkSlot,
  type PredictedImage,
  type SessionPrediction,
  sessionPrediction,
} from "@voxplain/study";
import { inputRecords, modelRecord } from "@voxplain/study/node";
import type { InputProvenance } from "@voxplain/writers";
import { progressOn } from "../progress.ts";
import type { Job, JobTask } from "./prepare.ts";
import type { AnyImage, Computed, Result } from "./result.ts";
import { warningsOn } from "./warnings.ts";

/** A task, and what computes it. */
export interface TaskRun {
  readonly job: Job;
  readonly task: JobTask;
  readonly runtime: ModelRuntime;
  /** What `--threads` said. */
  readonly threads: number | undefined;
}

/** Goes through the images of a task with a progress bar, and keeps what is recorded of them. */
export async function runImages<Image extends AnyImage>(
  { job: { plan }, task: { task, title }, runtime, threads }: TaskRun,
  result: Result<Image>,
): Promise<Computed> {
  const progress = progressOn(process.stderr, title, task.images.length, result.noun);
  const warnings = warningsOn(progress);
  for (const warning of task.warnings) warnings.add(warning);
  for (const { error } of task.missing) progress.say(`skipped: ${error.message}`);
  const failures = [...task.missing];
  let fatal: SessionFailure | undefined;
  const slot = networkSlot(runtime);
  const model = modelRecord(plan.model, task.network, slot);
  const ofMaps = cohortWarnings();
  const predictions: SessionPrediction[] = [];
  const inputs: InputProvenance[] = [];
  const images = result.images({
    runtime: slot,
    task,
    concurrentRuns: threads ?? availableParallelism(),
    progress: progress.update,
    onFailure(failure) {
      failures.push(failure);
      if (plan.request.onError === "skip") progress.say(`skipped: ${failure.error.message}`);
      else fatal = failure;
    },
  });
  try {
    for await (const image of images) {
      // While the network computes the next images; not before, for its start is what all wait for then.
      model.start();
      await result.onImage?.(image, warnings);
      predictions.push(sessionPrediction(image));
      ofMaps.add(image);
      for (const warning of sentencesOf(image)) warnings.add(`${image.session.name}: ${warning}`);
      inputs.push(...(await inputRecords(image.input)));
    }
  } catch (error) {
    if (error !== fatal?.error || predictions.length === 0) throw error;
  } finally {
    await slot.release();
    progress.end();
  }
  for (const warning of ofMaps.sentences({ averaged: plan.request.result === "mean" })) warnings.add(warning);
  const { kernelUses } = slot;
  const record = { model: await model.provenance(), kernelUses, inputs, warnings: warnings.list };
  return { predictions, failures, fatal, record };
}

/** What their maps have in common is said once for all images. */
function sentencesOf({ input, parts }: PredictedImage): readonly string[] {
  return [...input.warnings, ...parts.flatMap(({ part }) => part.warnings)];
}
