import type { FilePlace, LocatedImage, Session, SessionFailure } from "@voxplain/caps-io";
import type { FileSource } from "@voxplain/core";
import type { ImagesPlace } from "../cohort/open-images.ts";
import type { Model } from "../model/model.ts";

/** A CAPS with the sessions that it has folders of. */
export interface HeldSessions {
  /** The folder with "subjects". */
  readonly files: FileSource;
  /** As `listSessions` finds them. */
  readonly sessions: readonly Session[];
}

/** Files that were opened together, or one after the other, and belong together. */
export interface Collection<File extends FilePlace = FilePlace> {
  /** A session that several hold is taken from the last. */
  readonly caps: readonly HeldSessions[];
  /** Sessions of label lists: where there are some, the other sessions of the CAPS are left out. */
  readonly listed: readonly Session[];
  /** Tables of images, and BIDS folders. Default: none. */
  readonly lists?: readonly ImagesPlace[] | undefined;
  /** Which images of BIDS folders are meant: "suffix=T1w". Default: those of the model's pipeline. */
  readonly bidsFilter?: readonly string[] | undefined;
  /** Images in files of their own. */
  readonly files: readonly File[];
}

/** An image of a collection. */
export interface CollectedImage<File extends FilePlace = FilePlace> {
  /** With its diagnosis, where a label list has one. */
  readonly session: Session;
  /** The file of a single image; undefined for images of a CAPS. */
  readonly file?: File;
  /**
   * Its files, for a model.
   * @throws VoxplainError naming the file that is missing or of another format.
   */
  locate(model: Model): Promise<LocatedImage>;
}

/** Images for a model, and what is wrong with others. */
export interface FoundImages<File extends FilePlace = FilePlace> {
  /** Those of the CAPS, of the tables and the BIDS folders, then the single files. */
  readonly images: readonly CollectedImage<File>[];
  /** Sessions without an image for the model, and why; `problems` has sentences about all of them. */
  readonly absent: readonly SessionFailure[];
  /** Sentences about sessions that have no image for the model, and about files that do not fit it as they are. */
  readonly problems: readonly string[];
}

/** The images of a collection. */
export interface CollectedImages<File extends FilePlace = FilePlace> extends FoundImages<File> {
  /** The columns of the tables of the sessions that labels can be in: "diagnosis", "sex", … */
  readonly labelColumns: readonly string[];
}
