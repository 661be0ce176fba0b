import { elementAt } from "@voxplain/core";

/** A prediction of a class whose truth is known. */
export interface JudgedPrediction {
  /** Its index. */
  readonly trueClass: number;
  /** Its index. */
  readonly predictedClass: number;
  /** The probability of each class, by its index. */
  readonly probabilities: readonly number[];
}

/** NaN where a class has no member and the quantity is not defined. */
export interface ClassificationMetrics {
  /** How many were judged. */
  readonly count: number;
  /** Right predictions among all. */
  readonly accuracy: number;
  /** Mean of sensitivity and specificity. */
  readonly balancedAccuracy: number;
  /** Members of the positive class that are predicted to be, among all of them. */
  readonly sensitivity: number;
  /** Members of other classes that are not predicted to be of the positive one, among all of them. */
  readonly specificity: number;
  /** Area under the ROC curve: how often a member of the positive class has the higher probability of it; ties count half. */
  readonly auc: number;
}

/**
 * How well predictions separate one class from the others. AUC: Hanley, McNeil 1982, doi:10.1148/radiology.143.1.7063747; NaN
 * where a probability is.
 * @param positive - The index of that class, by default 1. All quantities are those of the decision for or against it.
 */
export function classificationMetrics(
  predictions: readonly JudgedPrediction[],
  positive = 1,
): ClassificationMetrics {
  const decisions = predictions.map(({ trueClass, predictedClass, probabilities }) => ({
    isPositive: trueClass === positive,
    isRight: (trueClass === positive) === (predictedClass === positive),
    probability: probabilities[positive] ?? Number.NaN,
  }));
  const positives = decisions.filter(({ isPositive }) => isPositive);
  const negatives = decisions.filter(({ isPositive }) => !isPositive);
  const sensitivity = rightShare(positives);
  const specificity = rightShare(negatives);
  return {
    count: predictions.length,
    accuracy: rightShare(decisions),
    balancedAccuracy: (sensitivity + specificity) / 2,
    sensitivity,
    specificity,
    auc: areaUnderCurve(positives, negatives.length, decisions),
  };
}

/** For or against one class. */
interface Decision {
  readonly isPositive: boolean;
  readonly isRight: boolean;
  readonly probability: number;
}

function rightShare(decisions: readonly Decision[]): number {
  return decisions.length === 0
    ? Number.NaN
    : decisions.filter(({ isRight }) => isRight).length / decisions.length;
}

/** By the ranks of the positives, ties sharing the mean of their ranks. */
function areaUnderCurve(
  positives: readonly Decision[],
  negativeCount: number,
  all: readonly Decision[],
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
