import { chooseRuntime } from "../device.ts";
import { describeJob } from "../job/dry-run.ts";
import { type TaskStatus, worse } from "../job/task-status.ts";
import type { InterpretArguments } from "./options.ts";
import { planInterpretation } from "./plan.ts";
import { runTask } from "./run-task.ts";

/**
 * `voxplain interpret`: everything is checked first, then each network is explained in turn.
 * @returns The exit status: 3 where sessions were skipped.
 */
export async function interpret(args: InterpretArguments, command: readonly string[]): Promise<TaskStatus> {
  const choosing = chooseRuntime(args);
  // Configuration errors are reported before device errors: the user can fix those.
  choosing.catch(() => {});
  const job = await planInterpretation(args, command);
  if (args.dry_run) {
    process.stdout.write(describeJob(job));
    return 0;
  }
  const runtime = await choosing;
  let status: TaskStatus = 0;
  for (const prepared of job.tasks) {
    status = worse(status, await runTask(job, prepared, runtime));
    process.stdout.write(`${prepared.outputPath}\n`);
  }
  return status;
}
