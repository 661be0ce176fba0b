import type { ImageInput, Session } from "@voxplain/caps-io";
import type { Affine, Tensor, Volume } from "@voxplain/core";
import type { MeanMaps } from "../maps/mean-maps.ts";
import type { Task } from "../plan/request.ts";
import type { ExplainedPart, ImagePrediction, PredictedPart } from "./explained-part.ts";

/** An image with its prediction. */
export interface PredictedImage<Part extends PredictedPart = PredictedPart> {
  /** Whose image it is. */
  readonly session: Session;
  /** The network, and the images of the same cohort. */
  readonly task: Task;
  /** What the network got, and where its voxels are. */
  readonly input: ImageInput;
  /** In the order of their index; of a whole image there is one. */
  readonly parts: readonly Part[];
  /** The network's prediction for the image. */
  readonly prediction: ImagePrediction;
  /** The node of the class by the labels, or the number that a regression is to find; undefined where it is not known. */
  readonly trueLabel: number | undefined;
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
  /** The map as a NIfTI file holds it: its channels summed; the identity as its affine where the position is unknown. */
  readonly volume: Volume;
  /** What to draw under `map`: one value for each voxel of its grid, or none where nothing is known of them. */
  readonly anatomy: Float32Array;
  /** The mean over its parts, and its parts put where they are in the image; made when first asked for. */
  readonly maps: () => MeanMaps;
  /** Voxel indices of `map` to mm; undefined where the position is unknown. */
  readonly affine: Affine | undefined;
}
