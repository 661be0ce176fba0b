import type { Affine, FilePath, FileSource, Tensor, VoxplainError } from "@voxplain/core";
import type { ImagePaths } from "../caps/find-image.ts";
import type { Session } from "../cohorts/labels.ts";
import type { Extremes } from "../transforms/min-max.ts";
import type { Reduction } from "../transforms/size-reduction.ts";
import type { Part, PartInput } from "./part.ts";

/** A session whose image, or whose extracted parts, were read. */
export interface ImageInput {
  /** Whose data it is. */
  readonly session: Session;
  /** Where its files are. */
  readonly source: FileSource;
  /** The whole image, where the CAPS has it. */
  readonly image?: ImagePaths;
  /** Everything that inputs are made from, below `source`: the image, or a file per part. */
  readonly files: readonly FilePath[];
  /**
   * Voxels along each of the 3 (or 2) axes of the image, of a whole one those that size reduction leaves; undefined where
   * nothing says it.
   */
  readonly grid?: readonly number[];
  /** Which voxels of the stored image these are, where size reduction left some out of a whole image. */
  readonly reduction?: Reduction;
  /** Voxel indices of this grid to mm, where a NIfTI gives it. */
  readonly affine?: Affine;
  /** Why the position that its NIfTI gives cannot be used; names the file. */
  readonly affineError?: string;
  /** The image that parts were cut out of, before any transform: [1, X, Y, Z]. Nobody may write to it. */
  readonly whole?: Tensor<"float32">;
  /** Those of `whole`, where they are known. */
  readonly extremes?: Extremes;
  /** In the order of their index. */
  readonly parts: readonly Part[];
  /** Sentences about what is odd, but can be lived with. */
  readonly warnings: readonly string[];
  /**
   * One part, transformed; any of `parts`, any number of times.
   * @throws RangeError for an invalid index.
   */
  read(index: number): Promise<PartInput>;
  /**
   * Frees the memory of a whole image at once, where an engine would wait for more to free: its part is empty afterwards. Absent where
   * the memory is not its own.
   */
  release?(): void;
}

/** A session that cannot be used, and why; the message names participant, session and file. */
export interface SessionFailure {
  /** Which one could not be used. */
  readonly session: Session;
  /** Why; its message names participant and session. */
  readonly error: VoxplainError;
}

/** Whether a session could not be read. */
export function isFailure(item: ImageInput | SessionFailure): item is SessionFailure {
  return "error" in item;
}
