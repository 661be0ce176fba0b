import type { ImageGrid, PartInput } from "@voxplain/caps-io";
import type { Affine, Tensor } from "@voxplain/core";
import type { ExplorerImage } from "./engine.ts";

/** An image as the network gets it, and its position. */
export interface PreparedImage {
  /** One, or the parts that an image is cut into. */
  readonly parts: readonly PartInput[];
  /** Voxels along each axis of the image that the parts are of; undefined where nothing says it. */
  readonly grid: readonly number[] | undefined;
  readonly affine: Affine | undefined;
  /** Why the position that its NIfTI gives cannot be used; names the file. */
  readonly affineError?: string;
  /** The image that parts were cut out of, before any transform. */
  readonly whole: Tensor<"float32"> | undefined;
  readonly warnings: readonly string[];
}

/** An image of the list, which is read when it is needed. */
export interface ImageEntry {
  readonly image: ExplorerImage;
  /**
   * @param asked - Preprocessing steps of single files, as `--preprocess` takes them.
   * @throws VoxplainError naming the file when it is damaged or does not fit the model.
   */
  prepare(asked: readonly string[] | undefined): Promise<PreparedImage>;
  /** Its shape and its own affine, from headers alone. */
  grid(): Promise<ImageGrid>;
}
