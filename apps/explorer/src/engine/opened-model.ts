import type { ChosenPreprocessing, InputSpec } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import type { OutputRegion } from "@voxplain/model-loader";
import type { Model } from "@voxplain/study";
import type { ExplorerModel } from "./engine.ts";

/** How image files become inputs of a network. */
export interface FileInputs {
  readonly spec: InputSpec;
  /**
   * What is done to the values of a file.
   * @param asked - Steps as `--preprocess` takes them.
   * @throws VoxplainError `invalid-argument` for what is no step.
   */
  stepsFor(asked: readonly string[] | undefined): Pick<ChosenPreprocessing, "steps" | "note">;
}

/** A model with what the page shows of it. */
export interface OpenedModel {
  readonly description: Omit<ExplorerModel, "layers">;
  /** Undefined where images are cut into parts, as those of a CAPS. */
  readonly files: FileInputs | undefined;
  /** The model, whose logits are those over a region of its output. */
  model(region: OutputRegion): Model;
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
