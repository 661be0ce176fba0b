import type { ModelRuntime } from "@voxplain/core";
import { startResult } from "@voxplain/core/node";
import { type MetricsRow, metricsOf, metricsTable, predictCohort } from "@voxplain/study";
import { encodeTable } from "@voxplain/writers";
import { writePredictionFiles } from "../job/prediction-files.ts";
import { type PreparedJob, type PreparedTask, resolvedData } from "../job/prepare.ts";
import { writeRecords } from "../job/record.ts";
import { recordedFiles } from "../job/recorded-files.ts";
import { runImages } from "../job/run-images.ts";
import { stopwatch } from "../job/stopwatch.ts";
import type { TaskStatus } from "../job/task-status.ts";
import type { PredictOptions } from "./options.ts";

/** What `voxplain predict` does for one fold and selection. */
export async function runTask(
  job: PreparedJob,
  prepared: PreparedTask,
  { options, command }: { readonly options: PredictOptions; readonly command: readonly string[] },
  runtime: ModelRuntime,
): Promise<{ readonly status: TaskStatus; readonly metrics: MetricsRow | undefined }> {
  const started = new Date();
  const clock = stopwatch();
  const result = await startResult(prepared.outputPath);
  const files = recordedFiles(result.files);
  try {
    const computed = await runImages({
      ...{ job, prepared, runtime, options, averaged: false },
      images: (run) => predictCohort(job.plan, run),
      onImage: async () => {},
    });
    const { predictions, failures, fatal } = computed;
    if (fatal) throw fatal.error;
    clock.lap("computing");
    const { mode } = job.plan.model.parts;
    const metrics = metricsOf(predictions, mode);
    const used = predictions.map(({ session }) => session);
    await writePredictionFiles(files, job, prepared, computed, used);
    const { columns, rows } = metricsTable(metrics, mode);
    if (rows.length > 0) await files.write("metrics.tsv", encodeTable(columns, rows));
    clock.lap("writing");
    await writeRecords(files, {
      ...{ runtime, command, threads: options.threads, started, seed: null, durations: clock.seconds },
      options: resolvedOptions(job, prepared, options),
      ...computed.record,
    });
    await result.publish();
    return { status: failures.length > 0 ? 3 : 0, metrics: metrics[0] };
  } catch (error) {
    result.discard();
    throw error;
  }
}

function resolvedOptions(
  job: PreparedJob,
  prepared: PreparedTask,
  { dry_run, ...options }: PredictOptions,
): Record<string, unknown> {
  return {
    task: "predict",
    ...options,
    ...resolvedData(job, prepared, { dry_run, ...options }),
    diagnoses: job.plan.cohort.diagnoses ?? null,
  };
}
