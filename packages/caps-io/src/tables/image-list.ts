import type { VoxplainError } from "@voxplain/core";
import type { Session } from "../cohorts/labels.ts";
import type { FilePlace } from "../file-place.ts";
import type { SessionFailure } from "../parts/image-input.ts";

/** A session, and the file of its image. */
export interface ListedImage {
  /** Whose image it is. */
  readonly session: Session;
  /** The file of the image. */
  readonly place: FilePlace;
}

/** Sessions and the file of the image of each, from a table of images or a BIDS folder. */
export interface ImageList {
  /** The columns of the table, in their order; for a BIDS folder, those of its tables that were joined. */
  readonly columns: readonly string[];
  /** In the order of the list. */
  readonly images: readonly ListedImage[];
  /** Sessions without an image that can be read: it is missing or not fetched, or no path is given. */
  readonly failures: readonly SessionFailure[];
  /**
   * What is wrong with the list itself, such as two images of one session: it cannot be used, whatever is skipped. The
   * rest of the list is still checked, so that all problems are reported at once.
   */
  readonly problems: readonly VoxplainError[];
  /**
   * Labels of sessions that are missing in the list because of its problems; "unknown" where a table could not be read, so
   * that there may be more columns too. Default: there are none.
   */
  readonly labelsOfProblems?: readonly string[] | "unknown";
  /** Sentences about the list: what was ignored, joined or left out. */
  readonly notes: readonly string[];
}
