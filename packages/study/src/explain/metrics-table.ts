import { type ClassificationMetrics, classificationMetrics } from "@voxplain/saliency";
import type { PredictionTable, SessionPrediction } from "./prediction-table.ts";

/** How good the predictions are: of images, and of every part by itself. */
export interface MetricsRow extends ClassificationMetrics {
  /** "image", "patch", "roi" or "slice". */
  readonly level: string;
  /** ID of a part; undefined for images, and for all parts together. */
  readonly part?: number;
}

/**
 * The metrics of predictions. The first row is that of the images. Empty where the network has other than two classes, or no label is known.
 */
export function metricsOf(all: readonly SessionPrediction[], mode: string): MetricsRow[] {
  const predictions = all.flatMap(({ trueLabel: trueClass, ...rest }) =>
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

/** metrics.tsv: a row for the images, then for all parts and for each. */
export function metricsTable(rows: readonly MetricsRow[], mode: string): PredictionTable {
  const idColumn = `${mode}_id`;
  const columns = ["accuracy", "balanced_accuracy", "sensitivity", "specificity", "auc"];
  return {
    columns: ["level", ...(mode === "image" ? [] : [idColumn]), "count", ...columns],
    rows: rows.map(({ level, part, count, accuracy, balancedAccuracy, sensitivity, specificity, auc }) => ({
      ...{ level, [idColumn]: part, count, accuracy, balanced_accuracy: balancedAccuracy },
      ...{ sensitivity, specificity, auc },
    })),
  };
}
