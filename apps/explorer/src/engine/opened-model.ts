import { VoxplainError } from "@voxplain/core";
import type { Model } from "@voxplain/study";
import type { ExplorerModel } from "./engine.ts";

/** A model with what the page shows of it. */
export interface OpenedModel {
  readonly description: Omit<ExplorerModel, "layers">;
  /**
   * The model, for images that are prepared so.
   * @param asked - Preprocessing steps of single files, as `--preprocess` takes them; undefined: as the model states.
   * @throws VoxplainError `invalid-argument` for what is no step.
   */
  model(asked: readonly string[] | undefined): Promise<Model>;
}

/** What was opened, and sentences about what is odd about it. */
export interface ModelOpening {
  readonly opened: OpenedModel;
  readonly problems: readonly string[];
}

/** What whoever wants to compute without a model reads. */
export function noModel(): VoxplainError {
  return new VoxplainError(
    "not-found",
    "there is no model: open a ClinicaDL model folder or an ONNX file first",
  );
}
