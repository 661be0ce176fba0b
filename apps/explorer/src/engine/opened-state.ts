import type { ImageHeader, Template } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import type { OpenCaps } from "./caps-images.ts";
import type { ExplorerImage } from "./engine.ts";
import type { OpenAtlas } from "./explain.ts";
import type { ListedSession } from "./label-lists.ts";
import type { LooseImage } from "./loose-images.ts";
import type { OpenModel } from "./open-model.ts";
import type { ImageEntry } from "./prepared-image.ts";

/** Everything that belongs together: files of the user, or the sample. */
export interface Workspace {
  readonly state: OpenedState;
  readonly template: Template | undefined;
  readonly atlas: OpenAtlas | undefined;
  readonly isSample: boolean;
}

/** Nothing is open yet. @param openings - How often something was opened before. */
export function emptyWorkspace(openings: number): Workspace {
  const state = { ...startingState, openings };
  return { state, template: undefined, atlas: undefined, isSample: false };
}

/** Everything that was opened so far. */
export interface OpenedState {
  /** How often something was opened. */
  readonly openings: number;
  readonly opened: { readonly model: OpenModel; readonly key: string } | undefined;
  readonly caps: readonly OpenCaps[];
  readonly listed: readonly ListedSession[];
  readonly loose: readonly OpenedFile[];
  /** Of the CAPS and the single files, as far as the model can see them. */
  readonly images: readonly ImageEntry[];
  /** Sentences about images that the model cannot see. */
  readonly problems: readonly string[];
}

/** What images are looked for with. */
export type OpenedFiles = Pick<OpenedState, "opened" | "caps" | "listed" | "loose">;

/** A single file, which another model may take where this one does not. */
export interface OpenedFile extends LooseImage {
  readonly image: ExplorerImage;
  /** Where it was read already. */
  readonly shape?: ImageHeader;
}

const startingState: OpenedState = {
  ...{ openings: 0, opened: undefined, caps: [], listed: [] },
  ...{ loose: [], images: [], problems: [] },
};

/** What whoever wants to compute without a model reads. */
export function noModel(): VoxplainError {
  return new VoxplainError(
    "not-found",
    "there is no model: open a ClinicaDL model folder or an ONNX file first",
  );
}
