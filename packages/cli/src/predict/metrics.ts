import { type ClassificationMetrics, classificationMetrics } from "@voxplain/saliency";
import type { SessionPrediction } from "@voxplain/study";
import { encodeTable } from "@voxplain/writers";

/** How good the predictions are: of images, and of every part by itself. */
export interface MetricsRow extends ClassificationMetrics {
  readonly level: string;
  /** ID of a part; undefined for images, and for all parts together. */
  readonly part?: number;
}

/** The first row is that of the images. Empty where the network has other than two classes, or no label is known. */
export function metricsOf(all: readonly SessionPrediction[], mode: string): MetricsRow[] {
  const predictions = all.flatMap(({ trueClass, ...rest }) =>
    trueClass === undefined ? [] : [{ ...rest, trueClass }],
  );
  if (predictions[0]?.prediction.probabilities.length !== 2) return [];
  const judge = (trueClass: number, prediction: SessionPrediction["prediction"]) => ({
    trueClass,
    predictedClass: prediction.predictedClass,
    probability: prediction.probabilities[1]!,
  });
  const images = predictions.map(({ trueClass, prediction }) => judge(trueClass, prediction));
  const rows: MetricsRow[] = [{ level: "image", ...classificationMetrics(images) }];
  if (mode === "image") return rows;
  const parts = predictions.flatMap(({ trueClass, parts: ofSession }) =>
    ofSession.map(({ id, prediction }) => ({ id, judged: judge(trueClass, prediction) })),
  );
  rows.push({ level: mode, ...classificationMetrics(parts.map(({ judged }) => judged)) });
  for (const part of new Set(parts.map(({ id }) => id))) {
    const ofPart = parts.filter(({ id }) => id === part).map(({ judged }) => judged);
    rows.push({ level: mode, part, ...classificationMetrics(ofPart) });
  }
  return rows;
}

/** metrics.tsv */
export function encodeMetrics(rows: readonly MetricsRow[], mode: string): Uint8Array {
  const idColumn = `${mode}_id`;
  const columns = ["accuracy", "balanced_accuracy", "sensitivity", "specificity", "auc"];
  return encodeTable(
    ["level", ...(mode === "image" ? [] : [idColumn]), "count", ...columns],
    rows.map(({ level, part, count, accuracy, balancedAccuracy, sensitivity, specificity, auc }) => ({
      ...{ level, [idColumn]: part, count, accuracy, balanced_accuracy: balancedAccuracy },
      ...{ sensitivity, specificity, auc },
    })),
  );
}

/** One line for people. */
export function describeMetrics({
  count,
  balancedAccuracy,
  sensitivity,
  specificity,
  auc,
}: MetricsRow): string {
  const share = (value: number) => (Number.isNaN(value) ? "not defined" : value.toFixed(3));
  return (
    `${count} ${count === 1 ? "session" : "sessions"}, balanced accuracy ${share(balancedAccuracy)}, ` +
    `sensitivity ${share(sensitivity)}, specificity ${share(specificity)}, AUC ${share(auc)}`
  );
}
