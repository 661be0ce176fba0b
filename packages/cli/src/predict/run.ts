import { type MetricsRow, problemList } from "@voxplain/study";
import { chooseRuntime } from "../device.ts";
import { describeJob } from "../job/dry-run.ts";
import { type PreparedTask, prepareJob } from "../job/prepare.ts";
import { type TaskStatus, worse } from "../job/task-status.ts";
import type { PredictOptions } from "./options.ts";
import { runTask } from "./run-task.ts";

/**
 * `voxplain predict`: what the networks say of each image and part, and how good that is.
 * @returns The exit status: 3 where sessions were skipped.
 */
export async function predict(options: PredictOptions, command: readonly string[]): Promise<TaskStatus> {
  const choosing = chooseRuntime(options);
  // Configuration errors are reported before device errors: the user can fix those.
  choosing.catch(() => {});
  const job = await prepareJob(options, {
    ...{ folder: "predictions", name: options.name, problems: problemList() },
    diagnoses: ({ training }) => options.diagnoses ?? training?.diagnoses ?? [],
    unlabelled: options.diagnoses === undefined,
    request: { result: "predictions" },
  });
  if (options.dry_run) {
    process.stdout.write(describeJob(job));
    return 0;
  }
  const runtime = await choosing;
  let status: TaskStatus = 0;
  for (const prepared of job.tasks) {
    const { title, outputPath } = prepared;
    const done = await runTask(job, prepared, { options, command }, runtime);
    if (done.metrics) process.stdout.write(`${title}: ${describeMetrics(done.metrics)}\n`);
    if (job.plan.cohort.diagnoses === undefined)
      process.stdout.write(`${title}: ${withoutLabels(prepared)}\n`);
    process.stdout.write(`${outputPath}\n`);
    status = worse(status, done.status);
  }
  return status;
}

function withoutLabels({ task: { images } }: PreparedTask): string {
  const { length } = images;
  return `${length} ${length === 1 ? "session" : "sessions"} without diagnoses, so the predictions are not judged`;
}

/** One line for people. */
function describeMetrics({ count, balancedAccuracy, sensitivity, specificity, auc }: MetricsRow): string {
  const share = (value: number) => (Number.isNaN(value) ? "not defined" : value.toFixed(3));
  return (
    `${count} ${count === 1 ? "session" : "sessions"}, balanced accuracy ${share(balancedAccuracy)}, ` +
    `sensitivity ${share(sensitivity)}, specificity ${share(specificity)}, AUC ${share(auc)}`
  );
}
