import { elementAt } from "@voxplain/core";

/** A prediction of one of two classes whose truth is known. Class 1 is the positive one. */
export interface JudgedPrediction {
  /** 0 or 1. */
  readonly trueClass: number;
  /** 0 or 1. */
  readonly predictedClass: number;
  /** Of class 1. */
  readonly probability: number;
}

/** NaN where a class has no member and the quantity is not defined. */
export interface ClassificationMetrics {
  /** How many were judged. */
  readonly count: number;
  /** Right predictions among all. */
  readonly accuracy: number;
  /** Mean of sensitivity and specificity. */
  readonly balancedAccuracy: number;
  /** Right predictions among members of class 1. */
  readonly sensitivity: number;
  /** Right predictions among members of class 0. */
  readonly specificity: number;
  /** Area under the ROC curve: how often a member of class 1 has the higher probability; ties count half. */
  readonly auc: number;
}

/**
 * How good predictions of two classes are. AUC: Hanley, McNeil 1982, doi:10.1148/radiology.143.1.7063747; NaN where a
 * probability is.
 */
export function classificationMetrics(predictions: readonly JudgedPrediction[]): ClassificationMetrics {
  const positives = predictions.filter(({ trueClass }) => trueClass === 1);
  const negatives = predictions.filter(({ trueClass }) => trueClass !== 1);
  const sensitivity = rightShare(positives);
  const specificity = rightShare(negatives);
  return {
    count: predictions.length,
    accuracy: rightShare(predictions),
    balancedAccuracy: (sensitivity + specificity) / 2,
    sensitivity,
    specificity,
    auc: areaUnderCurve(positives, negatives.length, predictions),
  };
}

function rightShare(predictions: readonly JudgedPrediction[]): number {
  const right = predictions.filter(({ trueClass, predictedClass }) => trueClass === predictedClass);
  return predictions.length === 0 ? Number.NaN : right.length / predictions.length;
}

/** By the ranks of the positives, ties sharing the mean of their ranks. */
function areaUnderCurve(
  positives: readonly JudgedPrediction[],
  negativeCount: number,
  all: readonly JudgedPrediction[],
): number {
  if (all.some(({ probability }) => Number.isNaN(probability))) return Number.NaN;
  const sorted = all.map(({ probability }) => probability).sort((a, b) => a - b);
  const ranks = new Map<number, number>();
  for (let first = 0; first < sorted.length; ) {
    let next = first;
    while (next < sorted.length && sorted[next] === sorted[first]) next++;
    ranks.set(elementAt(sorted, first), (first + 1 + next) / 2);
    first = next;
  }
  const sum = positives.reduce((total, { probability }) => total + ranks.get(probability)!, 0);
  const count = positives.length;
  return (sum - (count * (count + 1)) / 2) / (count * negativeCount);
}
