import type { ReportedTable } from "@voxplain/report";
import { classificationMetrics, type JudgedPrediction } from "@voxplain/saliency";
import type { StoredTable } from "./stored-table.ts";

/** Metrics, and where they are from. */
export interface MetricsOfJob {
  readonly metrics?: ReportedTable;
  readonly metricsNote?: string;
}

/** Those of metrics.tsv; else, for two classes, those of the predictions that have a true label. */
export function metricsOfJob(
  stored: StoredTable | undefined,
  predictions: StoredTable | undefined,
): MetricsOfJob {
  if (stored !== undefined) {
    const positive = stored.rows[0]?.positive_label;
    return {
      metrics: stored,
      ...(positive !== undefined && positive !== "" && { metricsNote: `The positive class is ${positive}.` }),
    };
  }
  const judged = (predictions?.rows ?? []).flatMap((row): JudgedPrediction[] => {
    const { true_label = "", predicted_label = "", proba0 = "", proba1 = "", proba2 } = row;
    if (proba2 !== undefined || proba1 === "" || !/^[01]$/.test(true_label)) return [];
    return [
      {
        trueClass: Number(true_label),
        predictedClass: Number(predicted_label),
        probabilities: [Number(proba0), Number(proba1)],
      },
    ];
  });
  if (judged.length === 0) return {};
  const { count, accuracy, sensitivity, specificity, balancedAccuracy, auc } = classificationMetrics(judged);
  const known = Object.entries({
    ...{ count, accuracy, sensitivity, specificity },
    ...{ balanced_accuracy: balancedAccuracy, auc },
  }).filter(([, value]) => Number.isFinite(value));
  return {
    metrics: { columns: known.map(([name]) => name), rows: [Object.fromEntries(known)] },
    metricsNote:
      "Computed from the predictions of this job, with class 1 as the positive class; quantities that need sessions of both classes are left out where there is one only.",
  };
}
