import { chooseRows, predictCohort, problemList } from "@voxplain/study";
import { type CohortJob, type JobTask, prepareJob, resolvedData } from "../job/prepare.ts";
import { recordTask } from "../job/record-task.ts";
import { runJob } from "../job/run-job.ts";
import type { PredictOptions } from "./options.ts";

/**
 * `voxplain predict`: what the networks say of each image and part, and how good that is.
 * @returns The exit status: 3 where sessions were skipped.
 */
export function predict(options: PredictOptions, command: readonly string[]): Promise<0 | 3> {
  return runJob({
    ...{ options, command },
    prepare: () =>
      prepareJob(options, {
        ...{ kind: "predictions", name: options.name, problems: problemList() },
        diagnoses: ({ training, labels }, { areOwn }) =>
          options.diagnoses ??
          (areOwn || (labels && labels.column !== "diagnosis") ? undefined : (training?.diagnoses ?? [])),
        unlabelled: options.diagnoses === undefined,
        ofList: (list, model) =>
          chooseRows(list, model, { label: options.label, diagnoses: options.diagnoses, predicts: true }),
        request: { result: "predictions" },
      }),
    result: (job, prepared, runtime) => ({
      record: recordTask(job, prepared, runtime, {
        ...{ command: "predict", name: options.name, vmax: 1 },
        options: resolvedOptions(job, prepared, options),
      }),
      averages: false,
      images: (run) => predictCohort(job.plan, run),
      onImage: async () => ({}),
    }),
  });
}

function resolvedOptions(job: CohortJob, prepared: JobTask, options: PredictOptions) {
  const { dry_run, ...given } = options;
  const { diagnoses = null } = job.plan.cohort;
  return { task: "predict", ...given, ...resolvedData(job, prepared, options), diagnoses };
}
