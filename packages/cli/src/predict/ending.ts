import { writeTables } from "@voxplain/results";
import {
  type JudgedModel,
  type JudgedSession,
  type MetricsRow,
  metricsOf,
  metricsTable,
  positiveLabel,
  streamedTables,
} from "@voxplain/study";
import type { RecordedTask } from "../job/recorded-task.ts";
import type { Ending, Finished } from "../job/result.ts";
import { printLines } from "../print-lines.ts";

/** Writes the tables of predictions; what is said of them is said when they have their name. */
export async function endOfPrediction({
  record,
  files,
  finished,
}: Ending): Promise<{ readonly published: () => void }> {
  const model = modelOf(record);
  const metrics = metricsOf(await judgedOf(finished), model);
  const [ofImages] = metrics;
  await writeTables(files, {
    ...(await streamedTables({ model }, record, finished, { withCohort: record.severalCohorts })),
    ...(metrics.length > 0 && { "metrics.tsv": metricsTable(metrics, model) }),
  });
  return {
    published() {
      const say = (text: string) => printLines(`${record.title}: ${text}`);
      if (ofImages) say(describeMetrics(ofImages, positiveLabel(model)));
      else if (!record.hasTrueLabels) say(withoutLabels(finished.used.length, record));
    },
  };
}

/** The numbers that metrics are made of: they need all of them. */
async function judgedOf({ predictions }: Finished): Promise<readonly JudgedSession[]> {
  const judged: JudgedSession[] = [];
  for await (const { trueLabel, prediction, parts } of predictions()) {
    if (trueLabel === undefined) continue;
    judged.push({
      ...{ trueLabel, prediction },
      parts: parts.map(({ id, prediction }) => ({ id, prediction })),
    });
  }
  return judged;
}

/** The model, as far as tables and metrics need it. */
export function modelOf({ model: { labels, ...model } }: RecordedTask): JudgedModel {
  return { ...model, ...(labels && { labels: { ...labels, nodes: new Map(labels.nodes) } }) };
}

/** What labels are called where there are none. */
function labelNoun({ model: { labels } }: RecordedTask): string {
  if (labels === undefined) return "labels";
  return labels.column === "diagnosis" ? "diagnoses" : `the label ${labels.column}`;
}

function withoutLabels(count: number, record: RecordedTask): string {
  // An ONNX file does not say what the labels of a table stand for.
  const isUnknown =
    record.model.labels === undefined && record.sessions.some(({ diagnosis }) => diagnosis !== "");
  const why = isUnknown
    ? ", and nothing says which class each of their labels is (--label_code)"
    : ` without ${labelNoun(record)}`;
  return `${sessions(count)}${why}, so the predictions are not judged`;
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
