import { classOfDiagnosis, readTemplate, type Template } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import { methodEntries } from "@voxplain/saliency";
import { fileAt } from "@voxplain/study/node";
import { methodTexts } from "../command-line/method-flags.ts";
import { type Job, planJob } from "../job/plan-job.ts";
import type { InterpretArguments } from "./options.ts";
import { sessionFolders } from "./session-folders.ts";

/** Everything that is known before the first image is read. */
export interface Plan extends Job {
  readonly arguments: InterpretArguments;
  /** The command as it was typed. */
  readonly command: readonly string[];
  readonly targetDiagnosis: string;
  readonly targetClass: number;
  readonly template?: Template;
}

/**
 * Looks at the model, the labels and the images, and settles every option.
 * @throws VoxplainError before anything is computed or written, for whatever can be known by then.
 */
export async function planInterpretation(
  args: InterpretArguments,
  command: readonly string[],
): Promise<Plan> {
  const targetDiagnosis = args.target_diagnosis ?? args.diagnosis;
  const targetClass = classOfDiagnosis(targetDiagnosis);
  classOfDiagnosis(args.diagnosis);
  checkMethod(args);
  const template = await templateOf(args);
  const result = args.level === "group" ? "mean" : "maps";
  const use = { result, ...(template && { template }) } as const;
  const job = await planJob(args, () => [args.diagnosis], ["gradients", args.name], { use });
  if (args.level === "individual") job.tasks.forEach(sessionFolders);
  return { ...job, arguments: args, command, targetDiagnosis, targetClass, ...(template && { template }) };
}

async function templateOf({ nifti_template_path: path }: InterpretArguments): Promise<Template | undefined> {
  if (path === undefined) return undefined;
  const { source, below } = fileAt(path, "nifti_template_path");
  return readTemplate(source, below);
}

/** Other maps than gradients have no chain rule to be carried through a normalisation with. */
function checkMethod(args: InterpretArguments): void {
  const [{ name, isDerivative }] = methodEntries(args.method, methodTexts(args));
  if (!args.through_normalization || isDerivative) return;
  throw new VoxplainError(
    "invalid-argument",
    `--through_normalization is for gradients: a map of ${name} is no derivative that could be carried on`,
  );
}
