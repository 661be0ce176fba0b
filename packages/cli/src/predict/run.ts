import { writeTables } from "@voxplain/results";
import {
  chooseRows,
  cohortTables,
  type MetricsRow,
  type Model,
  metricsOf,
  metricsTable,
  positiveLabel,
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
        diagnoses: ({ training, labels }, { areOwn }) =>
          options.diagnoses ??
          (areOwn || (labels && labels.column !== "diagnosis") ? undefined : (training?.diagnoses ?? [])),
        unlabelled: options.diagnoses === undefined,
        ofList: (list, model) =>
          chooseRows(list, model, { label: options.label, diagnoses: options.diagnoses, predicts: true }),
        request: { result: "predictions" },
      }),
    result(job, prepared, files) {
      const { model } = job.plan;
      let ofImages: MetricsRow | undefined;
      return {
        options: resolvedOptions(job, prepared, options),
        images: (run) => predictCohort(job.plan, run),
        async finish(computed) {
          const { predictions } = computed;
          const used = predictions.map(({ session }) => session);
          const metrics = metricsOf(predictions, model);
          [ofImages] = metrics;
          const columns = { withCohort: job.data.severalCohorts };
          await writeTables(files, {
            ...cohortTables(job.plan, prepared.task, { ...computed, used }, columns),
            ...(metrics.length > 0 && { "metrics.tsv": metricsTable(metrics, model) }),
          });
        },
        published() {
          const say = (text: string) => process.stdout.write(`${prepared.title}: ${text}\n`);
          if (ofImages) say(describeMetrics(ofImages, positiveLabel(model)));
          else if (prepared.task.trueLabels.size === 0) say(withoutLabels(prepared, model, labelNoun(model)));
        },
      };
    },
  });
}

/** What labels are called where there are none. */
function labelNoun({ labels }: Model): string {
  if (labels === undefined) return "labels";
  return labels.column === "diagnosis" ? "diagnoses" : `the label ${labels.column}`;
}

function resolvedOptions(job: CohortJob, prepared: JobTask, options: PredictOptions) {
  const { dry_run, ...given } = options;
  const { diagnoses = null } = job.plan.cohort;
  return { task: "predict", ...given, ...resolvedData(job, prepared, options), diagnoses };
}

function withoutLabels({ task: { images } }: JobTask, { labels }: Model, column: string): string {
  // An ONNX file does not say what the labels of a table stand for.
  const isUnknown = labels === undefined && images.some(({ session }) => session.diagnosis !== "");
  const why = isUnknown
    ? ", and nothing says which class each of their labels is (--label_code)"
    : ` without ${column}`;
  return `${sessions(images.length)}${why}, so the predictions are not judged`;
}

/** One line for people: "4 sessions, balanced accuracy 0.750, …"; what there is of each of many classes is in the table. */
function describeMetrics({ count, metrics }: MetricsRow, positive: string | undefined): string {
  const shown = "sensitivity" in metrics ? ofTwoClasses : ofOthers;
  const quantities = Object.entries(shown).flatMap(([column, name]) => {
    const value = metrics[column];
    if (value === undefined) return [];
    return [`${name} ${Number.isNaN(value) ? "not defined" : value.toFixed(3)}`];
  });
  const judged = [sessions(count), ...quantities].join(", ");
  return positive === undefined ? judged : `${judged} (the positive class is ${positive})`;
}

const ofTwoClasses: Readonly<Record<string, string>> = {
  balanced_accuracy: "balanced accuracy",
  sensitivity: "sensitivity",
  specificity: "specificity",
  auc: "AUC",
};
const ofOthers: Readonly<Record<string, string>> = {
  accuracy: "accuracy",
  balanced_accuracy: "balanced accuracy",
  mae: "MAE",
  rmse: "RMSE",
  r2: "R²",
};

function sessions(count: number): string {
  return `${count} ${count === 1 ? "session" : "sessions"}`;
}
