import type { CapsImages, FilePath, FileSource } from "@voxplain/core";
import type { ImagePaths } from "../caps/find-image.ts";
import type { Session } from "../cohorts/labels.ts";
import type { ImageGrid } from "../grids/compare-grids.ts";
import type { ExtractedFiles } from "./extracted-files.ts";
import type { ImageInput } from "./image-input.ts";
import type { RegionMask } from "./region-masks.ts";
import type { RegionShape } from "./region-shape.ts";
import type { PartSettings } from "./settings.ts";
import type { TransformOptions } from "./transform-part.ts";

/** An image whose files were found: a session of a CAPS, or a loose file. */
export interface LocatedImage {
  /** Whose image it is. */
  readonly session: Session;
  /** Where its files are. */
  readonly source: FileSource;
  /** Sentences about what is odd, but can be lived with. */
  readonly warnings: readonly string[];
  /** The regions that masks cut out: their names, and the shape of the network's input that each makes, [1, X, Y, Z]. */
  readonly regions?: readonly RegionShape[];
  /**
   * Everything that inputs are made from, below `source`: the image, or a file per part.
   * @throws VoxplainError as `read`, for what headers show.
   */
  files(): Promise<readonly FilePath[]>;
  /** Its grid, from the headers of its files; why it cannot be used is the `problem` of the grid. */
  grid(): Promise<ImageGrid>;
  /**
   * Reads the image and makes the network's input of it.
   * @throws VoxplainError naming the session and the file that is damaged, missing or of another shape.
   */
  read(options: TransformOptions): Promise<ImageInput>;
}

/** The files of a session in a CAPS. */
export interface CapsFiles {
  readonly session: Session;
  readonly caps: FileSource;
  readonly images: CapsImages;
  /** How the image is cut into parts. */
  readonly settings: PartSettings;
  /** The whole image, where there is one. */
  readonly image?: ImagePaths;
  /** Set when the parts are read from files of their own. */
  readonly extracted?: ExtractedFiles;
  /** The masks of the regions, where the CAPS has them. */
  readonly masks?: readonly RegionMask[];
  readonly warnings: readonly string[];
}
