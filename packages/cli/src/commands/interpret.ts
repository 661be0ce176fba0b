import { chooseRuntime } from "../device.ts";
import type { InterpretArguments } from "../interpret/options.ts";
import { planInterpretation } from "../interpret/plan.ts";
import { runTask } from "../interpret/run-task.ts";

/** `voxplain interpret`: everything is checked first, then each network is explained in turn. */
export async function interpret(args: InterpretArguments, command: readonly string[]): Promise<void> {
  const runtime = chooseRuntime(args);
  const plan = await planInterpretation(args, command);
  for (const task of plan.tasks) {
    await runTask(plan, task, runtime);
    process.stdout.write(`${task.outputPath}\n`);
  }
}
