import { type FileSource, isVoxplainError } from "@voxplain/core";
import type { ReportedTable } from "@voxplain/report";
import { classificationMetrics, type JudgedPrediction } from "@voxplain/saliency";
import { type PositiveClass, positiveClass } from "../sources/outcomes.ts";
import { type StoredTable, tableIfThere } from "./stored-table.ts";
import { wilsonInterval } from "./wilson-interval.ts";

/** Metrics, and where they are from. */
export interface MetricsOfJob {
  readonly metrics?: ReportedTable;
  readonly shares?: ReportedTable;
  readonly metricsNote?: string;
}

/**
 * The metrics of metrics.tsv; else, for two classes, those of the predictions that have a true label. Shares of right predictions have
 * their intervals.
 */
export async function metricsOfJob(
  source: FileSource,
  data: StoredTable,
  predictions: StoredTable | undefined,
): Promise<MetricsOfJob> {
  const stored = await tableIfThere(source, "metrics.tsv");
  const judged = judgedIn(predictions);
  const isBinary = judged.every(({ probabilities }) => probabilities.length === 2);
  const positive =
    isBinary && judged.length > 0 ? await positiveIn(source, data, predictions?.rows ?? []) : undefined;
  const notes = [
    positive &&
      `The positive class is ${positive.name === "class 1" ? "1" : `${positive.name} (class ${positive.node})`}.`,
    judged.length > peopleIn(predictions) &&
      "Intervals take sessions as independent; some are of the same participant, so that they are too narrow.",
  ].filter((note): note is string => Boolean(note));
  if (stored !== undefined) return { metrics: stored, ...sharesOf(judged, positive), ...noteOf(notes) };
  if (positive === undefined) return sharesOf(judged, positive);
  const { count, accuracy, sensitivity, specificity, balancedAccuracy, auc } = classificationMetrics(
    judged,
    Number(positive.node),
  );
  const known = Object.entries({
    ...{ count, accuracy, sensitivity, specificity },
    ...{ balanced_accuracy: balancedAccuracy, auc },
  }).filter(([, value]) => Number.isFinite(value));
  notes.unshift(
    "Computed from the predictions of this job; quantities that need sessions of both classes are left out where there is one only.",
  );
  return {
    metrics: { columns: known.map(([name]) => name), rows: [Object.fromEntries(known)] },
    ...sharesOf(judged, positive),
    ...noteOf(notes),
  };
}

function noteOf(notes: readonly string[]) {
  return notes.length === 0 ? {} : { metricsNote: notes.join(" ") };
}

/** A report shows the metrics as they are stored where nothing says which class is the positive one. */
async function positiveIn(source: FileSource, data: StoredTable, rows: StoredTable["rows"]) {
  try {
    return await positiveClass(source, data, rows);
  } catch (error) {
    if (isVoxplainError(error, "invalid-file")) return undefined;
    throw error;
  }
}

function judgedIn(predictions: StoredTable | undefined): JudgedPrediction[] {
  const columns = (predictions?.columns ?? []).filter((column) => /^proba\d+$/.test(column));
  if (columns.length < 2) return [];
  return (predictions?.rows ?? []).flatMap((row): JudgedPrediction[] => {
    const { true_label = "", predicted_label = "" } = row;
    if (!/^\d+$/.test(true_label) || !/^\d+$/.test(predicted_label)) return [];
    return [
      {
        trueClass: Number(true_label),
        predictedClass: Number(predicted_label),
        probabilities: columns.map((column) => Number(row[column])),
      },
    ];
  });
}

function peopleIn(predictions: StoredTable | undefined): number {
  const judged = (predictions?.rows ?? []).filter(({ true_label = "" }) => true_label !== "");
  return new Set(
    judged.map(({ cohort = "", participant_id, image = "" }) =>
      JSON.stringify([cohort, participant_id ?? image]),
    ),
  ).size;
}

/** Accuracy; sensitivity and specificity where the positive class is known. */
function sharesOf(judged: readonly JudgedPrediction[], positive: PositiveClass | undefined) {
  if (judged.length === 0) return {};
  const node = Number(positive?.node);
  const groups = [
    ["accuracy", judged],
    ["sensitivity", judged.filter(({ trueClass }) => trueClass === node)],
    ["specificity", positive === undefined ? [] : judged.filter(({ trueClass }) => trueClass !== node)],
  ] as const;
  const rows = groups.flatMap(([quantity, some]) => {
    if (some.length === 0) return [];
    const right = some.filter(({ trueClass, predictedClass }) => trueClass === predictedClass).length;
    const [from, to] = wilsonInterval(right, some.length);
    return [{ quantity, share: right / some.length, from, to, right, of: some.length }];
  });
  return { shares: { columns: ["quantity", "share", "from", "to", "right", "of"], rows } };
}
