import { VoxplainError } from "@voxplain/core";
import type { ModelFolder } from "@voxplain/model-loader";
import { chooseRuntime } from "../device.ts";
import { planJob, type Task } from "../job/plan-job.ts";
import { type TaskStatus, worse } from "../job/task-status.ts";
import { describeMetrics } from "./metrics.ts";
import type { PredictOptions } from "./options.ts";
import { runTask } from "./run-task.ts";

/**
 * `voxplain predict`: what the networks say of each image and part, and how good that is.
 * @returns The exit status: 3 where sessions were skipped.
 */
export async function predict(options: PredictOptions, command: readonly string[]): Promise<TaskStatus> {
  const choosing = chooseRuntime(options);
  // What is wrong with the job is told first: its owner can mend it.
  choosing.catch(() => {});
  const job = await planJob(
    options,
    (folder) => diagnosesOf(folder, options),
    ["predictions", options.name],
    { use: { result: "predictions" }, unlabelled: options.diagnoses === undefined },
  );
  const runtime = await choosing;
  let status: TaskStatus = 0;
  for (const task of job.tasks) {
    const done = await runTask(job, task, { options, command }, runtime);
    if (done.metrics) {
      process.stdout.write(`fold ${task.fold}, ${task.selection}: ${describeMetrics(done.metrics)}\n`);
    }
    if (job.diagnoses === undefined) {
      process.stdout.write(`fold ${task.fold}, ${task.selection}: ${withoutLabels(task)}\n`);
    }
    process.stdout.write(`${task.outputPath}\n`);
    status = worse(status, done.status);
  }
  return status;
}

function withoutLabels({ sessions: { length } }: Task): string {
  return `${length} ${length === 1 ? "session" : "sessions"} without diagnoses, so the predictions are not judged`;
}

function diagnosesOf({ settings, source }: ModelFolder, { diagnoses }: PredictOptions): readonly string[] {
  const chosen = diagnoses ?? settings.diagnoses;
  if (chosen.length > 0) return [...new Set(chosen)];
  throw new VoxplainError(
    "not-found",
    `${source.name}/commandline.json does not say which diagnoses were used: give --diagnoses`,
  );
}
