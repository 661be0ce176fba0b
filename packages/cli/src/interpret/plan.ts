import type { Template } from "@voxplain/caps-io";
import { sessionFolders } from "@voxplain/results";
import type { OptionTexts } from "@voxplain/saliency";
import { problemList } from "@voxplain/study";
import { fileAt } from "@voxplain/study/node";
import { checkRequest, methodTexts } from "../command-line/method-flags.ts";
import { type CohortJob, prepareJob } from "../job/prepare.ts";
import { templateAt } from "../job/template.ts";
import type { InterpretArguments } from "./options.ts";

/** Everything that is known before the first image is read. */
export interface InterpretJob extends CohortJob {
  readonly arguments: InterpretArguments;
  readonly targetDiagnosis: string;
  readonly template: Template | undefined;
}

/**
 * Looks at the model, the labels and the images, and settles every option.
 * @throws VoxplainError before anything is computed or written, for whatever can be known by then.
 */
export async function planInterpretation(args: InterpretArguments): Promise<InterpretJob> {
  const problems = problemList();
  const targetDiagnosis = args.target_diagnosis ?? args.diagnosis;
  const texts = (await problems.attempt((): OptionTexts => methodTexts(args))) ?? {};
  const template = await problems.attempt(() => templateAt(args.nifti_template_path));
  const job = await prepareJob(args, {
    ...{ kind: "gradients", name: args.name, diagnoses: () => [args.diagnosis], problems },
    request: {
      result: args.level === "group" ? "mean" : "maps",
      ...{ method: args.method, options: texts, target: { label: targetDiagnosis }, template },
      openFile: (path) => fileAt(path, "method_options"),
      throughNormalization: args.through_normalization,
      keepTrue: args.keep_true,
      checks: checkRequest(args),
    },
  });
  if (args.level === "individual") for (const { task } of job.tasks) sessionFolders(task);
  return { ...job, arguments: args, targetDiagnosis, template };
}
