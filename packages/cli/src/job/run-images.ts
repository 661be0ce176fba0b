import { availableParallelism } from "node:os";
import type { SessionFailure } from "@voxplain/caps-io";
import type { ModelRuntime } from "@voxplain/core";
import {
  cohortWarnings,
  type ExplainedPart,
  networkSlot,
  type PredictedImage,
  type PredictedPart,
  type RunOptions,
  type SessionPrediction,
  sessionPrediction,
} from "@voxplain/study";
import { inputRecords, modelRecord } from "@voxplain/study/node";
import type { InputProvenance } from "@voxplain/writers";
import { progressOn } from "../progress.ts";
import type { DataOptions } from "./data-options.ts";
import type { PreparedJob, PreparedTask } from "./prepare.ts";
import type { ResultRecord } from "./record.ts";
import { type Warnings, warningsOn } from "./warnings.ts";

/** What is left of a task when its images are gone. */
export interface Computed {
  readonly predictions: readonly SessionPrediction[];
  readonly failures: readonly SessionFailure[];
  /** Set when the job has to end because of a session. */
  readonly fatal: SessionFailure | undefined;
  readonly record: Pick<ResultRecord, "model" | "inputs" | "warnings">;
}

interface Run<Image> {
  readonly job: Pick<PreparedJob, "plan">;
  readonly prepared: Pick<PreparedTask, "task" | "title">;
  readonly runtime: ModelRuntime;
  readonly options: Pick<DataOptions, "threads" | "on_error">;
  /** What the progress bar counts; default: sessions. */
  readonly noun?: string;
  /** Whether the maps are averaged. */
  readonly averaged: boolean;
  /** The images of the plan. */
  images(options: RunOptions): AsyncIterable<Image>;
  /** Called for each image in its order; the sequence waits for it. */
  onImage(image: Image, warnings: Warnings): Promise<void>;
}

/** Goes through the images of a task with a progress bar, and keeps what is recorded of them. */
export async function runImages<Image extends PredictedImage<PredictedPart | ExplainedPart>>(
  run: Run<Image>,
): Promise<Computed> {
  const { options, runtime } = run;
  const { plan } = run.job;
  const { task, title } = run.prepared;
  const progress = progressOn(process.stderr, title, task.images.length, run.noun);
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
  const images = run.images({
    runtime: slot,
    task,
    concurrentRuns: options.threads ?? availableParallelism(),
    progress: progress.update,
    onFailure(failure) {
      failures.push(failure);
      if (options.on_error === "stop") fatal = failure;
      else progress.say(`skipped: ${failure.error.message}`);
    },
  });
  try {
    for await (const image of images) {
      // While the network computes the next images; not before, for its start is what all wait for then.
      model.start();
      await run.onImage(image, warnings);
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
  for (const warning of ofMaps.sentences({ averaged: run.averaged })) warnings.add(warning);
  const record = { model: await model.provenance(), inputs, warnings: warnings.list };
  return { predictions, failures, fatal, record };
}

/** What their maps have in common is said once for all images. */
function sentencesOf({ input, parts }: PredictedImage): readonly string[] {
  return [...input.warnings, ...parts.flatMap(({ part }) => part.warnings)];
}
