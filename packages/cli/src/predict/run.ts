import { writeTables } from "@voxplain/results";
import {
  cohortTables,
  type MetricsRow,
  metricsOf,
  metricsTable,
  predictCohort,
  problemList,
} from "@voxplain/study";
import { type CohortJob, type JobTask, prepareJob, resolvedData } from "../job/prepare.ts";
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
        diagnoses: ({ training }) => options.diagnoses ?? training?.diagnoses ?? [],
        unlabelled: options.diagnoses === undefined,
        request: { result: "predictions" },
      }),
    result(job, prepared, files) {
      const { mode } = job.plan.model.parts;
      let ofImages: MetricsRow | undefined;
      return {
        options: resolvedOptions(job, prepared, options),
        images: (run) => predictCohort(job.plan, run),
        async finish(computed) {
          const { predictions } = computed;
          const used = predictions.map(({ session }) => session);
          const metrics = metricsOf(predictions, mode);
          [ofImages] = metrics;
          const columns = { withCohort: job.placed.severalCohorts };
          await writeTables(files, {
            ...cohortTables(job.plan, prepared.task, { ...computed, used }, columns),
            ...(metrics.length > 0 && { "metrics.tsv": metricsTable(metrics, mode) }),
          });
        },
        published() {
          const say = (text: string) => process.stdout.write(`${prepared.title}: ${text}\n`);
          if (ofImages) say(describeMetrics(ofImages));
          if (job.plan.cohort.diagnoses === undefined) say(withoutLabels(prepared));
        },
      };
    },
  });
}

function resolvedOptions(job: CohortJob, prepared: JobTask, options: PredictOptions) {
  const { dry_run, ...given } = options;
  const { diagnoses = null } = job.plan.cohort;
  return { task: "predict", ...given, ...resolvedData(job, prepared, options), diagnoses };
}

function withoutLabels({ task: { images } }: JobTask): string {
  return `${sessions(images.length)} without diagnoses, so the predictions are not judged`;
}

/** One line for people. */
function describeMetrics({ count, balancedAccuracy, sensitivity, specificity, auc }: MetricsRow): string {
  const share = (value: number) => (Number.isNaN(value) ? "not defined" : value.toFixed(3));
  return (
    `${sessions(count)}, balanced accuracy ${share(balancedAccuracy)}, ` +
    `sensitivity ${share(sensitivity)}, specificity ${share(specificity)}, AUC ${share(auc)}`
  );
}

function sessions(count: number): string {
  return `${count} ${count === 1 ? "session" : "sessions"}`;
}
