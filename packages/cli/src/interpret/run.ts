import { chooseRuntime } from "../device.ts";
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
  // What is wrong with the job is told first: its owner can mend it.
  choosing.catch(() => {});
  const plan = await planInterpretation(args, command);
  const runtime = await choosing;
  let status: TaskStatus = 0;
  for (const task of plan.tasks) {
    status = worse(status, await runTask(plan, task, runtime));
    process.stdout.write(`${task.outputPath}\n`);
  }
  return status;
}
