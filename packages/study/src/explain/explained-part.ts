import type { PartInput } from "@voxplain/caps-io";
import type { Tensor } from "@voxplain/core";
import type { CheckResult, MapWarning, Prediction, Refinement } from "@voxplain/saliency";

/** A part of an image with its prediction. */
export interface PredictedPart {
  /** Which part, and what the network got. */
  readonly part: PartInput;
  /** The network's prediction for it. */
  readonly prediction: Prediction;
  /** What is odd about the logits, or about the map. */
  readonly warnings: readonly MapWarning[];
}

/** A part of an image with its map. */
export interface ExplainedPart extends PredictedPart {
  /** Shaped like the part's input, or with one channel where the method has none of its own. */
  readonly map: Tensor<"float32">;
  /** By how much the map misses the difference of logits that it should add up to; of some methods. */
  readonly delta?: number;
  /** How many passes the map took; of methods that refine it until a tolerance is reached. */
  readonly refinement?: Refinement;
  /** Where checks were requested. */
  readonly checked?: CheckResult;
}

/** The prediction for an image: by the network, or by the vote of its parts. */
export interface ImagePrediction {
  /** One per class; empty where the network gives a number. */
  readonly probabilities: readonly number[];
  /** The most probable class. */
  readonly predictedClass: number;
  /** Before a softmax or sigmoid, or the number that the network gives; undefined for a vote on a class. */
  readonly logits?: readonly number[];
}
