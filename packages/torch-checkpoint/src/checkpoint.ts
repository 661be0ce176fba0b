import type { CheckpointValue } from "./values.ts";

/** An opened file of torch.save. */
export interface Checkpoint {
  /** "zip" since torch 1.6, "legacy" before. */
  readonly format: "zip" | "legacy";
  /** What was given to torch.save. */
  readonly root: CheckpointValue;
}
