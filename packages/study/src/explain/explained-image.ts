import type { ImageInput, PartInput, Session } from "@voxplain/caps-io";
import type { Affine, Tensor } from "@voxplain/core";
import type { CheckResult, MapWarning, Prediction, Refinement } from "@voxplain/saliency";
import type { Task } from "../plan/plan.ts";

/** A part of an image with its map and what the network says of it. */
export interface ExplainedPart {
  /** Which part, and what the network got. */
  readonly part: PartInput;
  /** Shaped like the part's input, or with one channel where the method has none of its own. */
  readonly map: Tensor<"float32">;
  /** What the network says of it. */
  readonly prediction: Prediction;
  /** By how much the map misses the difference of logits that it should add up to; of some methods. */
  readonly delta?: number;
  /** What is odd about the map or the logits. */
  readonly warnings: readonly MapWarning[];
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
  /** Before a softmax or sigmoid; undefined of a vote. */
  readonly logits?: readonly number[];
}

/** An image with its map, on the image's grid. */
export interface ExplainedImage {
  /** Whose image it is. */
  readonly session: Session;
  /** The network that explains it. */
  readonly task: Task;
  /** What the network got, and where its voxels are. */
  readonly input: ImageInput;
  /** In the order of their index; of a whole image there is one. */
  readonly parts: readonly ExplainedPart[];
  /** What the network says of the image. */
  readonly prediction: ImagePrediction;
  /** Class of the label lists; undefined where the diagnosis is not known. */
  readonly trueClass: number | undefined;
  /** Whose logit the map explains. */
  readonly target: number;
  /**
   * On the image's grid: [C, X, Y, Z] or [C, H, W] of a whole image; of parts [1, X, Y, Z], the mean of those that cover
   * a voxel. Made when it is first asked for.
   * @throws VoxplainError `unsupported` for parts of which nothing says where they are in the image.
   */
  readonly map: Tensor<"float32">;
  /** The mean over the parts, wherever they are, as the network sees them: [C, …]; undefined where parts differ in size. */
  readonly meanOfParts: Tensor<"float32"> | undefined;
  /** What to draw under `map`: the image from 0 to 1, one value for each voxel. */
  readonly anatomy: Float32Array;
  /** Voxel indices of `map` to mm; undefined where the position is unknown. */
  readonly affine: Affine | undefined;
  /** Sentences about the image, its parts and their maps. */
  readonly warnings: readonly string[];
}
