import type { Target } from "@voxplain/study";
import { type JobTask, resolvedData } from "../job/prepare.ts";
import type { InterpretJob } from "./plan.ts";

/** Every option after resolution, under the old program's names where they exist. */
export function resolvedOptions(job: InterpretJob, prepared: JobTask): Record<string, unknown> {
  const { level, keep_true, layer, seed, chunk_size, dry_run, ...given } = job.arguments;
  const { method } = prepared.task;
  const { target, plan } = job;
  return {
    task: level,
    ...given,
    ...resolvedData(job, prepared, job.arguments),
    diagnosis: plan.cohort.diagnoses?.[0] ?? null,
    target_diagnosis: given.target_label === undefined && isLabel(target) ? target.label : null,
    ...(!isLabel(target) && { target_node: plan.request.target }),
    keep_true: keep_true ?? null,
    nifti_template_path: job.template?.name ?? null,
    method: method?.name,
    method_options: method?.options,
  };
}

function isLabel(target: Target | undefined): target is Extract<Target, { readonly label: string }> {
  return typeof target === "object" && "label" in target;
}
