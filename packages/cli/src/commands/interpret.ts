import { chooseRuntime } from "../device.ts";
import type { InterpretArguments } from "../interpret/options.ts";
import { planInterpretation } from "../interpret/plan.ts";
import { runTask } from "../interpret/run-task.ts";
import { type TaskStatus, worse } from "../job/task-status.ts";

/**
 * `voxplain interpret`: everything is checked first, then each network is explained in turn.
 * @returns The exit status: 3 where sessions were skipped.
 */
export async function interpret(args: InterpretArguments, command: readonly string[]): Promise<TaskStatus> {
  const runtime = await chooseRuntime(args);
  const plan = await planInterpretation(args, command);
  let status: TaskStatus = 0;
  for (const task of plan.tasks) {
    status = worse(status, await runTask(plan, task, runtime));
    process.stdout.write(`${task.outputPath}\n`);
  }
  return status;
}
