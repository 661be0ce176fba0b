import { type CommandWords, runJob } from "../job/run-job.ts";
import { interpretation } from "./interpretation.ts";
import type { InterpretArguments } from "./options.ts";
import { planInterpretation } from "./plan.ts";

/** `voxplain interpret`: maps of a cohort. Resolves to the exit status: 3 where sessions were skipped. */
export function interpret(args: InterpretArguments, words: CommandWords): Promise<0 | 3> {
  return runJob({
    ...{ options: args, ...words },
    prepare: () => planInterpretation(args),
    result: interpretation,
  });
}
