import type { ImageBox, Tensor } from "@voxplain/core";
import type { Reduction } from "../transforms/size-reduction.ts";

/** A part of an image: its number and its position. */
export interface Part {
  /** Among the parts of its image, from 0; the number of its network in a multi-CNN. */
  readonly index: number;
  /** In the column `<mode>_id` of prediction TSVs: the index, or the plane's index in the image. */
  readonly id: number;
  /** For folders and files: "image", "patch-0", "roi-0", "roi-<mask>", "slice-20". No two parts share one. */
  readonly name: string;
  /** For people: "right hippocampus". */
  readonly label: string;
  /** Its voxels in the image. Unknown for an extracted part of an image of unknown size. */
  readonly placement?: ImageBox;
}

/** A part as a network gets it. */
export interface PartInput extends Part {
  /** [C, X, Y, Z], [C, H, W] for a slice or a 2D image: after the transforms. */
  readonly input: Tensor<"float32">;
  /**
   * The values before the transforms, [C, …] with one channel for slices; with `keepOriginal`. They may
   * be a view of the image: do not write to them.
   */
  readonly original?: Tensor<"float32">;
  /** How the values became the input. */
  readonly transform: PartTransform;
  /** Sentences about what is odd, such as a constant part. */
  readonly warnings: readonly string[];
}

/** How the values of a part became the network's input. */
export interface PartTransform {
  /** "constant": min-max would have divided by zero, and zeros were given instead. */
  readonly minMax: "none" | "applied" | "constant";
  /** A plane [height, width] was resized to the input, by way of 8 bits, and put on its channels. */
  readonly resizedFrom?: readonly [number, number];
  /** Each channel is the same plane [height, width]. */
  readonly copiesOf?: readonly [number, number];
  /** Only some of its voxels are in the input. */
  readonly reduction?: Reduction;
  /**
   * Along each axis of a mask region's input the row of the placement's box that each row shows. A
   * cropped region lacks the rows without a voxel of it; of an uncropped one many are outside the box.
   */
  readonly rows?: readonly (readonly number[])[];
}
