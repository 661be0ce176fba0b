import type { FilePlace, Session, Template } from "@voxplain/caps-io";
import type { CollectedImage, HeldSessions } from "@voxplain/study";
import type { AbsentSession, AtlasFiles, ExplorerImage } from "./engine.ts";
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
  readonly loose: readonly OpenFile[];
  readonly template: Template | undefined;
  readonly atlas: AtlasFiles | undefined;
  /** Of the CAPS and the single files. */
  readonly images: readonly ImageEntry[];
  /** Sessions without an image for the model. */
  readonly absent: readonly AbsentSession[];
  /** Sentences about images that the model cannot see. */
  readonly problems: readonly string[];
}

/** Nothing is open yet. @param openings - How often something was opened before. */
export function emptyWorkspace(openings: number): Workspace {
  return {
    ...{ isSample: false, openings, opened: undefined, caps: [], listed: [], loose: [] },
    ...{ template: undefined, atlas: undefined, images: [], absent: [], problems: [] },
  };
}
