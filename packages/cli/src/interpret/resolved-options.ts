import { resolve } from "node:path";
import type { ChosenMethod } from "@voxplain/saliency";
import type { Task } from "../job/plan-job.ts";
import type { Plan } from "./plan.ts";

/** Every option after resolution, under the old program's names where they exist. */
export function resolvedOptions(plan: Plan, task: Task, method: ChosenMethod): Record<string, unknown> {
  const { level, keep_true, output_dir, threads, device, layer, seed, chunk_size, ...given } = plan.arguments;
  const { settings } = plan.folder;
  return {
    task: level,
    ...given,
    model_path: plan.folder.source.name,
    selection: [task.selection],
    folds: [task.fold],
    caps_dir: plan.capsPath,
    tsv_path: plan.labelPath,
    multi_cohort: plan.severalCohorts,
    target_diagnosis: plan.targetDiagnosis,
    keep_true: keep_true ?? null,
    nifti_template_path: plan.template?.name ?? null,
    output_dir: output_dir === undefined ? null : resolve(output_dir),
    threads: threads ?? null,
    device: device ?? null,
    method: method.name,
    method_options: method.options,
    mode: settings.mode,
    preprocessing: settings.preprocessing,
    unnormalize: !settings.normalize,
  };
}
