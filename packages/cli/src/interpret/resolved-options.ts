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
    target_diagnosis: typeof target === "object" && "label" in target ? target.label : null,
    ...(typeof target === "number" && { target_node: target }),
    keep_true: keep_true ?? null,
    nifti_template_path: job.template?.name ?? null,
    method: method?.name,
    method_options: method?.options,
  };
}
