import type { FilePlace, LocatedImage, Session, Template } from "@voxplain/caps-io";
import type { FileSource } from "@voxplain/core";
import type { Model } from "@voxplain/study";
import type { AtlasFiles, ExplorerImage } from "./engine.ts";
import type { ListedSession } from "./label-lists.ts";
import type { OpenedModel } from "./opened-model.ts";

/** A CAPS with the sessions that it has folders of. */
export interface OpenCaps {
  readonly files: FileSource;
  readonly sessions: readonly Session[];
}

/** A single file, which another model may take where this one does not. */
export interface OpenFile extends FilePlace {
  readonly image: ExplorerImage;
}

/** An image of the list. */
export interface ImageEntry {
  readonly image: ExplorerImage;
  /** Its files, for a model. @throws VoxplainError naming the file that is missing or of another format. */
  locate(model: Model): Promise<LocatedImage>;
}

/** Everything that belongs together: files of the user, or the sample. */
export interface Workspace {
  readonly isSample: boolean;
  /** How often something was opened. */
  readonly openings: number;
  readonly opened: OpenedModel | undefined;
  readonly caps: readonly OpenCaps[];
  readonly listed: readonly ListedSession[];
  readonly loose: readonly OpenFile[];
  readonly template: Template | undefined;
  readonly atlas: AtlasFiles | undefined;
  /** Of the CAPS and the single files. */
  readonly images: readonly ImageEntry[];
  /** Sentences about images that the model cannot see. */
  readonly problems: readonly string[];
}

/** Nothing is open yet. @param openings - How often something was opened before. */
export function emptyWorkspace(openings: number): Workspace {
  return {
    ...{ isSample: false, openings, opened: undefined, caps: [], listed: [], loose: [] },
    ...{ template: undefined, atlas: undefined, images: [], problems: [] },
  };
}
