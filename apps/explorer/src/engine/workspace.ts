import type { FilePlace, Session, Template } from "@voxplain/caps-io";
import type { CollectedImage, HeldSessions, ImagesPlace } from "@voxplain/study";
import type { AbsentSession, AtlasFiles, CohortChoice, ExplorerImage } from "./engine.ts";
import type { OpenedModel } from "./opened-model.ts";

/** A single file, which another model may take where this one does not. */
export interface OpenFile extends FilePlace {
  readonly image: ExplorerImage;
}

/** An image of the list. */
export interface ImageEntry {
  readonly image: ExplorerImage;
  readonly collected: CollectedImage;
}

/** Everything that belongs together: files of the user, or the sample. */
export interface Workspace {
  readonly isSample: boolean;
  /** How often something was opened. */
  readonly openings: number;
  readonly opened: OpenedModel | undefined;
  readonly caps: readonly HeldSessions[];
  readonly listed: readonly Session[];
  /** Tables of images and BIDS folders. */
  readonly lists: readonly ImagesPlace[];
  /** Which images of the BIDS folders are meant. */
  readonly bidsFilter: readonly string[];
  readonly loose: readonly OpenFile[];
  /** The column that labels were asked to be taken from. */
  readonly label: string | undefined;
  readonly template: Template | undefined;
  readonly atlas: AtlasFiles | undefined;
  /** Images of the CAPS and the single files. */
  readonly images: readonly ImageEntry[];
  /** Sessions without an image for the model. */
  readonly absent: readonly AbsentSession[];
  /** The column that the labels are from, and those that they can be from. */
  readonly labels: Pick<CohortChoice, "label" | "columns">;
  /** Sentences about images that the model cannot see. */
  readonly problems: readonly string[];
}

/** Nothing is open yet. @param openings - How often something was opened before. */
export function emptyWorkspace(openings: number): Workspace {
  return {
    ...{ isSample: false, openings, opened: undefined, caps: [], listed: [], loose: [] },
    ...{ lists: [], bidsFilter: [] },
    ...{ template: undefined, atlas: undefined, images: [], absent: [], problems: [] },
    ...{ label: undefined, labels: { label: undefined, columns: [] } },
  };
}
