import type { ImageGrid, LocatedImage } from "@voxplain/caps-io";
import type { ChosenMethod, Passes } from "@voxplain/saliency";

/** Images that follow one another in a list, whose inputs are of one size: a network and a method are opened for them. */
export interface ImageGroup {
  /** In the order of the list. */
  readonly images: readonly LocatedImage[];
  /** The grids of the images, in their order, from the headers of their files. */
  readonly grids: readonly ImageGrid[];
  /** The same, at the positions that their maps get. */
  readonly placed: readonly ImageGrid[];
  /** Dims of one input, without the batch; undefined where they depend on the images. */
  readonly inputDims: readonly number[] | undefined;
}

/** A group, and how its maps are made. */
export interface PlannedGroup extends ImageGroup {
  /** Undefined for predictions. */
  readonly method: ChosenMethod | undefined;
  /** How often one part goes through the network, for its map and its checks; undefined where the size of its input is not known yet. */
  readonly passes: Passes | undefined;
}
