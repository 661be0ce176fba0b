import type { Tensor } from "@voxplain/core";

/** A trained network that can be asked for its logits and for their gradient. */
export interface DifferentiableModel {
  /** Shape of one input without the batch axis: [C, X, Y, Z] or [C, H, W]. */
  readonly inputDims: readonly number[];
  readonly classCount: number;
  /** Logits [N, classes], before any softmax, of inputs [N, ...inputDims]. */
  forward(input: Tensor<"float32">): Promise<Tensor<"float32">>;
  /**
   * The gradient of logit `target` of each input at that input, [N, ...inputDims], and the logits.
   * ReLU'(0) = 0; max-pooling passes it to the first maximum in scan order.
   */
  gradient(input: Tensor<"float32">, target: number): Promise<Gradient>;
  release(): Promise<void>;
}

export interface Gradient {
  readonly gradient: Tensor<"float32">;
  readonly logits: Tensor<"float32">;
}

export interface Attribution {
  /** One value per input value, [N, ...inputDims]. */
  readonly map: Tensor<"float32">;
  /** Logits [N, classes] of the inputs. */
  readonly logits: Tensor<"float32">;
}

/**
 * Explains the logit `target` of each of N inputs [N, ...inputDims]. The inputs of a batch do not
 * influence each other.
 */
export type AttributionMethod = (
  model: DifferentiableModel,
  input: Tensor<"float32">,
  target: number,
) => Promise<Attribution>;
