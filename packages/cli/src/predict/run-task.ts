import { resolve } from "node:path";
import type { ModelRuntime } from "@voxplain/core";
import { computeSessions } from "../job/compute-sessions.ts";
import { logitsOnly } from "../job/logits-only.ts";
import type { Job, Task } from "../job/plan-job.ts";
import { writePredictionFiles } from "../job/prediction-files.ts";
import { writeRecords } from "../job/record.ts";
import { recordedFiles } from "../job/recorded-files.ts";
import { startResult } from "../job/result-folder.ts";
import { stopwatch } from "../job/stopwatch.ts";
import type { TaskStatus } from "../job/task-status.ts";
import { encodeMetrics, type MetricsRow, metricsOf } from "./metrics.ts";
import type { PredictOptions } from "./options.ts";

/** What `voxplain predict` does for one fold and selection. */
export async function runTask(
  job: Job,
  task: Task,
  { options, command }: { readonly options: PredictOptions; readonly command: readonly string[] },
  runtime: ModelRuntime,
): Promise<{ readonly status: TaskStatus; readonly metrics: MetricsRow | undefined }> {
  const started = new Date();
  const clock = stopwatch();
  const result = await startResult(task.outputPath);
  const files = recordedFiles(result.files);
  try {
    const computed = await computeSessions({
      ...{ job, task, runtime, options, method: logitsOnly, target: 0, keepOriginal: false },
      onSession: async () => undefined,
    });
    const { predictions, failures } = computed;
    if (failures.fatal) throw failures.fatal.error;
    clock.lap("computing");
    const { mode } = job.settings;
    const metrics = metricsOf(predictions, mode);
    const used = predictions.map(({ session }) => session);
    await writePredictionFiles(files, job, task, computed, used);
    if (metrics.length > 0) await files.write("metrics.tsv", encodeMetrics(metrics, mode));
    clock.lap("writing");
    const { threads } = options;
    await writeRecords(files, {
      ...{ runtime, command, threads },
      ...{ options: resolvedOptions(job, task, options), started, durations: clock.seconds, seed: null },
      ...computed.record,
    });
    await result.publish();
    return { status: failures.list.length > 0 ? 3 : 0, metrics: metrics[0] };
  } catch (error) {
    result.discard();
    throw error;
  }
}

function resolvedOptions(job: Job, task: Task, options: PredictOptions): Record<string, unknown> {
  const { settings, source } = job.folder;
  return {
    task: "predict",
    ...options,
    model_path: source.name,
    selection: [task.selection],
    folds: [task.fold],
    caps_dir: job.capsPath,
    tsv_path: job.labelPath,
    multi_cohort: job.severalCohorts,
    diagnoses: job.diagnoses ?? null,
    output_dir: options.output_dir === undefined ? null : resolve(options.output_dir),
    threads: options.threads ?? null,
    device: options.device ?? null,
    mode: settings.mode,
    preprocessing: settings.preprocessing,
    unnormalize: !settings.normalize,
  };
}
