import type { Template } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import { sessionFolders } from "@voxplain/results";
import type { OptionTexts } from "@voxplain/saliency";
import { chooseRows, problemList, type Target } from "@voxplain/study";
import { fileAt } from "@voxplain/study/node";
import { checkRequest, methodTexts } from "../command-line/method-flags.ts";
import { type CohortJob, prepareJob } from "../job/prepare.ts";
import { templateAt } from "../job/template.ts";
import type { InterpretArguments } from "./options.ts";

/** Everything that is known before the first image is read. */
export interface InterpretJob extends CohortJob {
  readonly arguments: InterpretArguments;
  readonly template: Template | undefined;
}

/**
 * Looks at the model, the labels and the images, and settles every option.
 * @throws VoxplainError before anything is computed or written, for whatever can be known by then.
 */
export async function planInterpretation(args: InterpretArguments): Promise<InterpretJob> {
  const problems = problemList();
  const { diagnosis, label } = args;
  const target = await problems.attempt(() => givenTarget(args));
  const texts = (await problems.attempt((): OptionTexts => methodTexts(args))) ?? {};
  const template = await problems.attempt(() => templateAt(args.nifti_template_path));
  const job = await prepareJob(args, {
    ...{ kind: "gradients", name: args.name, problems },
    diagnoses: () => [diagnosis ?? usualDiagnosis],
    ofList: (list, model) =>
      chooseRows(list, model, {
        label,
        diagnoses: diagnosis === undefined ? undefined : [diagnosis],
        target,
      }),
    request: {
      result: args.level === "group" ? "mean" : "maps",
      ...{ method: args.method, options: texts, template },
      target: target ?? { label: diagnosis ?? usualDiagnosis },
      openFile: (path) => fileAt(path, "method_options"),
      throughNormalization: args.through_normalization,
      keepTrue: args.keep_true,
      checks: checkRequest(args),
    },
  });
  if (args.level === "individual") for (const { task } of job.tasks) sessionFolders(task);
  return { ...job, arguments: args, template };
}

/** Whose images are explained where label lists are read and nothing is said. */
const usualDiagnosis = "AD";

/** @throws VoxplainError `invalid-argument` where several are given. */
function givenTarget({
  target_diagnosis,
  target_label,
  target_node,
}: InterpretArguments): Target | undefined {
  const labels = [target_diagnosis, target_label].filter((one) => one !== undefined);
  if (labels.length + (target_node === undefined ? 0 : 1) > 1) {
    throw new VoxplainError(
      "invalid-argument",
      "--target_diagnosis, --target_label and --target_node exclude each other",
    );
  }
  return labels[0] === undefined ? target_node : { label: labels[0] };
}
