/** What a network says of one input. */
export interface Prediction {
  /** One per class, before the softmax. */
  readonly logits: readonly number[];
  /** Softmax of the logits: they add up to 1. */
  readonly probabilities: readonly number[];
  /** The class with the largest logit; the first one wins a tie. */
  readonly predictedClass: number;
}

/** Turns logits into probabilities and a decision, in float64. */
export function predict(logits: ArrayLike<number>): Prediction {
  const values = Array.from(logits);
  const largest = Math.max(...values);
  const exponentials = values.map((logit) => Math.exp(logit - largest));
  const total = exponentials.reduce((sum, value) => sum + value, 0);
  return {
    logits: values,
    probabilities: exponentials.map((value) => value / total),
    predictedClass: values.indexOf(largest),
  };
}
