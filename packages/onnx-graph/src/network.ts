import type { Model } from "./model.ts";

/**
 * How logits decide on a class: "softmax", the largest; "binary", two logits [−x, x] for the one logit x of the network,
 * whose sigmoid is the probability of class 1; "multi-label", each class has the sigmoid of its logit; "value", a single
 * number that decides on no class.
 */
export type Decision = "softmax" | "binary" | "multi-label" | "value";

/** A network for images: a graph, and which of its values are the image and the logits. */
export interface Network {
  /** One float32 input [batch, ...inputDims]; the logits [batch, classCount] among the outputs. */
  readonly model: Model;
  /** Name of the input. */
  readonly input: string;
  /** Name of the output that holds the logits. */
  readonly logits: string;
  /** Dims of one image, without the batch axis: [C, X, Y, Z] or [C, H, W]. */
  readonly inputDims: readonly number[];
  /** Number of logits. */
  readonly classCount: number;
  /** How the logits decide on a class; default "softmax". */
  readonly decision?: Decision;
}
