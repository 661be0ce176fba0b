import type { ImageInput, PartInput, Session } from "@voxplain/caps-io";
import type { Affine, Tensor } from "@voxplain/core";
import type { CheckResult, MapWarning, Prediction, Refinement } from "@voxplain/saliency";
import type { MeanMaps } from "../maps/mean-maps.ts";
import type { Task } from "../plan/request.ts";

/** A part of an image with what the network says of it. */
export interface PredictedPart {
  /** Which part, and what the network got. */
  readonly part: PartInput;
  /** What the network says of it. */
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
  /** Where checks were asked for. */
  readonly checked?: CheckResult;
}

/** What is said of an image: by the network, or by the vote of its parts (which has no logits). */
export interface ImagePrediction {
  /** One per class. */
  readonly probabilities: readonly number[];
  /** The most probable class. */
  readonly predictedClass: number;
  /** Before a softmax or sigmoid; undefined for a vote. */
  readonly logits?: readonly number[];
}

/** An image with what the network says of it. */
export interface PredictedImage<Part extends PredictedPart = PredictedPart> {
  /** Whose image it is. */
  readonly session: Session;
  /** The network, and the images of the same cohort. */
  readonly task: Task;
  /** What the network got, and where its voxels are. */
  readonly input: ImageInput;
  /** In the order of their index; of a whole image there is one. */
  readonly parts: readonly Part[];
  /** What the network says of the image. */
  readonly prediction: ImagePrediction;
  /** Class by the label lists; undefined where the diagnosis is not known. */
  readonly trueClass: number | undefined;
  /** False for an image that `keepTrue` leaves out: its prediction counts, its map does not. */
  readonly isKept: boolean;
  /** Sentences about the image and its parts. */
  readonly warnings: readonly string[];
}

/** An image with its map, on the image's grid. */
export interface ExplainedImage extends PredictedImage<ExplainedPart> {
  /** Whose logit the map explains. */
  readonly target: number;
  /**
   * On the image's grid: [C, X, Y, Z] or [C, H, W] of a whole image; of parts [1, X, Y, Z], the mean of those that cover
   * a voxel, 0 where none does. Made when it is first asked for.
   * @throws VoxplainError `unsupported` for parts of which nothing says where they are in the image.
   */
  readonly map: Tensor<"float32">;
  /** What to draw under `map`: one value for each voxel of its grid, or none where nothing is known of them. */
  readonly anatomy: Float32Array;
  /** The mean over its parts, and its parts put where they are in the image; made when first asked for. */
  readonly maps: () => MeanMaps;
  /** Voxel indices of `map` to mm; undefined where the position is unknown. */
  readonly affine: Affine | undefined;
}
