import type { Template } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import { sessionFolders } from "@voxplain/results";
import type { OptionTexts } from "@voxplain/saliency";
import { chooseRows, type Model, problemList, type Target } from "@voxplain/study";
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
  const given = await problems.attempt(() => givenTarget(args));
  const texts = (await problems.attempt((): OptionTexts => methodTexts(args))) ?? {};
  const template = await problems.attempt(() => templateAt(args.nifti_template_path));
  const job = await prepareJob(args, {
    ...{ kind: "gradients", name: args.name, problems },
    diagnoses: (model) =>
      diagnosis === undefined && hasOtherLabels(model) ? undefined : [diagnosis ?? usualDiagnosis],
    unlabelled: diagnosis === undefined && given !== undefined,
    ofList(list, model) {
      checkTargetDiagnosis(model, args);
      const diagnoses = diagnosis === undefined ? undefined : [diagnosis];
      return chooseRows(list, model, { label, diagnoses, target: given });
    },
    target(model) {
      checkTargetDiagnosis(model, args);
      return given ?? usualTarget(model, diagnosis ?? usualDiagnosis);
    },
    ...(template !== undefined &&
      args.nifti_template_path !== undefined && {
        template: fileAt(args.nifti_template_path, "nifti_template_path"),
      }),
    request: {
      result: args.level === "group" ? "mean" : "maps",
      ...{ method: args.method, options: texts, template },
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

/** Whether it was trained on another column than diagnoses: those choose nothing then, unless they are given. */
function hasOtherLabels({ labels }: Model): boolean {
  return labels !== undefined && labels.column !== "diagnosis";
}

/** The class of the diagnosis whose images are explained; a network that predicts a number has one output. */
function usualTarget(model: Model, diagnosis: string): Target | undefined {
  // A reconstruction network has no class to explain: the plan refuses it.
  if (model.task === "regression" || model.refusal !== undefined) return undefined;
  if (model.labels !== undefined && !hasOtherLabels(model)) return { label: diagnosis };
  throw new VoxplainError("invalid-argument", "the class to explain is not given", {
    file: model.name,
    expected: "one of its classes",
    found: classesText(model),
    hint: "name it by its label (--target_label) or its number (--target_node)",
  });
}

/** @throws VoxplainError `invalid-argument` for a diagnosis as the class of a model with other labels. */
function checkTargetDiagnosis(model: Model, { target_diagnosis }: InterpretArguments): void {
  if (target_diagnosis === undefined || model.task === "regression" || !hasOtherLabels(model)) return;
  throw new VoxplainError("invalid-argument", "its classes are not diagnoses (--target_diagnosis)", {
    file: model.name,
    found: classesText(model),
    hint: "name one by its label (--target_label) or its number (--target_node)",
  });
}

/** "the sex F (class 0), M (class 1)" */
function classesText({ labels }: Model): string {
  if (labels === undefined) return "the classes have numbers only, from 0";
  const values = [...labels.nodes].map(([value, node]) => `${value} (class ${node})`);
  return `the ${labels.column} ${values.join(", ")}`;
}

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
