import { writeTables } from "@voxplain/results";
import {
  type JudgedModel,
  type MetricsRow,
  metricsMaker,
  metricsTable,
  positiveLabel,
  sessionTables,
  tablesMaker,
} from "@voxplain/study";
import type { RecordedTask } from "../job/recorded-task.ts";
import type { ComputedOf, Ending } from "../job/result.ts";
import { printLines } from "../print-lines.ts";

/** The tables of predictions, and how good they are. */
export function endOfPrediction(record: RecordedTask): Ending {
  const model = modelOf(record);
  const predictions = predictionRows(record);
  const judged = metricsMaker(model);
  let metrics: readonly MetricsRow[] = [];
  return {
    see(one) {
      predictions.see(one);
      judged.see(one.computed.prediction);
    },
    async write({ files, finished }) {
      metrics = judged.rows();
      await writeTables(files, {
        ...sessionTables(record, finished),
        ...(metrics.length > 0 && { "metrics.tsv": metricsTable(metrics, model) }),
      });
    },
    rows: predictions.rows,
    published({ used }) {
      const say = (text: string) => printLines(`${record.title}: ${text}`);
      const [ofImages] = metrics;
      if (ofImages) say(describeMetrics(ofImages, positiveLabel(model)));
      else if (!record.hasTrueLabels) say(withoutLabels(used.length, record));
    },
  };
}

/** predictions.tsv, and of parts a table of their own. */
export function predictionRows(record: RecordedTask): Pick<Ending, "see" | "rows"> {
  const maker = tablesMaker({ model: modelOf(record) }, { withCohort: record.severalCohorts });
  const predictionOf = ({ session, computed }: ComputedOf) => ({ ...computed.prediction, session });
  return {
    see: (one) => maker.see(predictionOf(one)),
    rows: () =>
      Object.entries(maker.tables()).map(([file, { columns, rowsOf }]) => ({
        ...{ file, columns },
        rowsOf: (one: ComputedOf) => rowsOf(predictionOf(one)),
      })),
  };
}

/** The model, as far as tables and metrics need it. */
function modelOf({ model: { labels, ...model } }: RecordedTask): JudgedModel {
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
