import type { PageSlot } from "./network-slot.ts";
import type { OpenedModel } from "./opened-model.ts";
import type { JobProgress } from "./progress.ts";
import type { ImageEntry, Workspace } from "./workspace.ts";

/** What is open, as far as a job needs it. */
export interface JobContext {
  readonly workspace: Workspace;
  readonly opened: OpenedModel;
  /** The images that the job is about; the others of the workspace are there to compare with. */
  readonly entries: readonly ImageEntry[];
  readonly slot: PageSlot;
  readonly progress: JobProgress;
}
