import type { Decision } from "@voxplain/onnx-graph";

/** A network's prediction for one input. */
export interface Prediction {
  /** As the network gives them, before a softmax or sigmoid: one per class, or the only one of a binary decision, which is that of class 1. */
  readonly logits: readonly number[];
  /** One per class. They add up to 1, unless the classes do not exclude each other; empty where the network gives a value. */
  readonly probabilities: readonly number[];
  /** The most probable class; the first one wins a tie, and class 1 in a binary decision. */
  readonly predictedClass: number;
}

/**
 * Turns the scores of the classes into probabilities and a decision, in float64.
 * @param scores - One per class: the logits, or [−x, x] of a binary decision.
 */
export function predict(scores: ArrayLike<number>, decision: Decision = "softmax"): Prediction {
  const values = Array.from(scores);
  const largest = Math.max(...values);
  const predictedClass = values.indexOf(largest);
  if (decision === "value") return { logits: values, probabilities: [], predictedClass };
  if (decision === "multi-label") {
    return { logits: values, probabilities: values.map(sigmoid), predictedClass };
  }
  if (decision === "binary") {
    const [, logit = Number.NaN] = values;
    return {
      logits: [logit],
      probabilities: [sigmoid(-logit), sigmoid(logit)],
      predictedClass: logit === 0 ? 1 : predictedClass,
    };
  }
  const exponentials = values.map((logit) => Math.exp(logit - largest));
  const total = exponentials.reduce((sum, value) => sum + value, 0);
  return {
    logits: values,
    probabilities: exponentials.map((value) => value / total),
    predictedClass,
  };
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
