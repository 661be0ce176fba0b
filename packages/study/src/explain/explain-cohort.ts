import { availableParallelism } from "node:os";
import { readSessions } from "@voxplain/caps-io";
import type { ModelRuntime, VoxplainError } from "@voxplain/core";
import { type AttributionMethod, refinementWarning, runWarnings } from "@voxplain/saliency";
import { progressOn } from "../progress.ts";
import type { DataOptions } from "./data-options.ts";
import {
  type ExplainedPart,
  type ExplainedSession,
  type ExplainSessionsOptions,
  explainSessions,
  nameOf,
} from "./explain-sessions.ts";
import { collectFailures, type Failures, noneUsable } from "./failures.ts";
import { inputProvenance } from "./input-provenance.ts";
import { modelHashes } from "./model-hashes.ts";
import { modelProvenance } from "./model-provenance.ts";
import { networksOf } from "./networks.ts";
import type { Job, Task } from "./plan-job.ts";
import type { PartPrediction, SessionPrediction } from "./predictions.ts";
import type { ResultRecord } from "./record.ts";
import { type Warnings, warningsOn } from "./warnings.ts";

export interface ComputeOptions {
  readonly job: Job;
  readonly task: Task;
  readonly runtime: ModelRuntime;
  readonly method: AttributionMethod;
  readonly target: number;
  readonly options: DataOptions;
  /** Whether parts keep their values before the transforms. */
  readonly keepOriginal: boolean;
  /** Whether the maps are averaged. */
  readonly averaged?: boolean;
  /** What is measured of each map, if anything. */
  readonly check?: ExplainSessionsOptions["check"];
  /**
   * Called for each session in its order; the sequence waits for it. It may say why the session cannot be used
   * after all.
   */
  readonly onSession: (
    session: ExplainedSession,
    prediction: SessionPrediction,
    warnings: Warnings,
  ) => Promise<VoxplainError | undefined>;
}

export interface Computed {
  readonly predictions: readonly SessionPrediction[];
  readonly failures: Failures;
  readonly record: Pick<ResultRecord, "model" | "inputs" | "warnings">;
}

/** Takes every session of a task through its network, in order. */
export async function computeSessions(compute: ComputeOptions): Promise<Computed> {
  const { job, task, runtime, method, target, options, onSession } = compute;
  const progress = progressOn(process.stderr, `fold ${task.fold}, ${task.selection}`, task.sessions.length);
  const warnings = warningsOn(progress);
  for (const warning of task.warnings) warnings.add(warning);
  const failures = collectFailures(options.on_error, (line) => progress.say(line), task.missing);
  const networks = networksOf(job.folder, task, runtime, concurrentRuns(compute));
  const hashes = modelHashes(job.folder, networks);
  const sessions = readSessions(task.sessions, {
    normalize: job.folder.settings.normalize,
    readAhead: options.nproc,
    keepOriginal: compute.keepOriginal,
  });
  const ofMaps = runWarnings();
  const predictions: SessionPrediction[] = [];
  const inputs: ResultRecord["inputs"][number][] = [];
  try {
    const explained = explainSessions(sessions, {
      ...{ networks, method, target, batchSize: options.batch_size },
      ...(task.voting && { voting: task.voting }),
      ...(compute.check && { check: compute.check }),
      onFailure: failures.add,
    });
    for await (const session of explained) {
      // While the network computes the next images; not before, for its start is what all wait for then.
      hashes.start();
      const prediction = predictionOf(session, job, task);
      const error = await onSession(session, prediction, warnings);
      if (error !== undefined) {
        if (failures.add({ session: session.input.session, error }) === "stop") break;
        continue;
      }
      predictions.push(prediction);
      for (const { part, warnings: found, prediction: ofPart } of session.parts) {
        const name = part.name === "image" ? nameOf(session.input) : `${nameOf(session.input)} ${part.name}`;
        ofMaps.add(name, found, ofPart.logits);
      }
      for (const warning of warningsOf(session)) warnings.add(`${nameOf(session.input)}: ${warning}`);
      inputs.push(...(await inputProvenance(session.input)));
      progress.step();
    }
    const unrefined = refinementWarning(
      predictions.flatMap(({ refinement, parts }) => [refinement, ...parts.map((part) => part.refinement)]),
    );
    if (unrefined !== undefined) warnings.add(unrefined);
    if (predictions.length === 0) throw failures.fatal?.error ?? noneUsable(failures);
    for (const warning of ofMaps.sentences({ averaged: compute.averaged === true })) warnings.add(warning);
    const model = await modelProvenance(job.folder, task, await hashes.all());
    const record = { model, inputs, warnings: warnings.list };
    return { predictions, failures, record };
  } finally {
    await sessions.return(undefined);
    progress.end();
  }
}

/** More sessions of ONNX Runtime than these only take memory: each can have several threads. */
const mostConcurrentRuns = 8;

/** Checks come one after the other, and each is to have all threads. */
function concurrentRuns({ job, task, options, check }: ComputeOptions): number {
  const several = job.settings.mode !== "image" || task.sessions.length > 1;
  if (check !== undefined || !several) return 1;
  return Math.min(options.threads ?? availableParallelism(), mostConcurrentRuns);
}

/** What is kept of a session when its maps are let go. */
function predictionOf(
  { input, prediction, parts }: ExplainedSession,
  { settings }: Job,
  { trueClasses }: Task,
): SessionPrediction {
  return {
    session: input.session,
    trueClass: trueClasses.get(input.session),
    prediction,
    ...(settings.mode === "image" && ofMap(parts[0]!)),
    warnings: parts.flatMap((part) => part.warnings),
    parts:
      settings.mode === "image"
        ? []
        : parts.map((part) => ({
            ...{ id: part.part.id, prediction: part.prediction, warnings: part.warnings },
            ...ofMap(part),
          })),
  };
}

function ofMap({ delta, refinement }: ExplainedPart): Pick<PartPrediction, "delta" | "refinement"> {
  return { ...(delta !== undefined && { delta }), ...(refinement && { refinement }) };
}

function warningsOf({ input, parts }: ExplainedSession): readonly string[] {
  return [...input.warnings, ...parts.flatMap(({ part }) => part.warnings)];
}
