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
 * @param predictions - Read once: they need not be in memory together. Of each, one number is kept.
 * @param positive - The index of that class, by default 1. All quantities are those of the decision for or against it.
 */
export function classificationMetrics(
  predictions: Iterable<JudgedPrediction>,
  positive = 1,
): ClassificationMetrics {
  const positives = decisions();
  const negatives = decisions();
  for (const { trueClass, predictedClass, probabilities } of predictions) {
    const isPositive = trueClass === positive;
    const own = isPositive ? positives : negatives;
    if (isPositive === (predictedClass === positive)) own.right++;
    own.probabilities.push(probabilities[positive] ?? Number.NaN);
  }
  const sensitivity = rightShare(positives);
  const specificity = rightShare(negatives);
  const count = positives.probabilities.length + negatives.probabilities.length;
  return {
    count,
    accuracy: (positives.right + negatives.right) / count,
    balancedAccuracy: (sensitivity + specificity) / 2,
    sensitivity,
    specificity,
    auc: areaUnderCurve(positives.probabilities, negatives.probabilities),
  };
}

/** For or against one class, about its members or about the others. */
interface Decisions {
  right: number;
  /** Of that class. */
  readonly probabilities: number[];
}

function decisions(): Decisions {
  return { right: 0, probabilities: [] };
}

/** NaN of none. */
function rightShare({ right, probabilities: { length } }: Decisions): number {
  return right / length;
}

/** In how many pairs of a member and another one the member's probability is higher, ties counting half; NaN where there is no pair. */
function areaUnderCurve(ofMembers: readonly number[], ofOthers: readonly number[]): number {
  const members = Float64Array.from(ofMembers).sort();
  const others = Float64Array.from(ofOthers).sort();
  // NaN is last in its order.
  if (Number.isNaN(members.at(-1)) || Number.isNaN(others.at(-1))) return Number.NaN;
  let [wins, below, notAbove] = [0, 0, 0];
  for (const probability of members) {
    while (below < others.length && elementAt(others, below) < probability) below++;
    notAbove = Math.max(notAbove, below);
    while (notAbove < others.length && others[notAbove] === probability) notAbove++;
    wins += (below + notAbove) / 2;
  }
  return wins / (members.length * others.length);
}
