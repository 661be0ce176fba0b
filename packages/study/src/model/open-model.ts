import type { FilePlace } from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import type { Model } from "./model.ts";
import { openFolder } from "./model-folder.ts";
import { type OnnxModelOptions, openOnnxModel } from "./onnx-file.ts";

/** What a model's files do not state themselves. */
export interface ModelOptions extends OnnxModelOptions {
  /**
   * For a model folder where a checkpoint holds several state dicts that fit and differ: the keys that lead to one of
   * them, with dots between them, such as "model_ema" or "state_dict.ema_model".
   */
  readonly weightsKey?: string | undefined;
}

/**
 * Opens a trained model: a ClinicaDL 0.2 model folder, or an ONNX file (`below` names it). Weights are read only when a
 * network computes.
 * @param from - The folder, or the file.
 * @param options - What its files do not state themselves.
 * @throws VoxplainError `not-found` and `invalid-file` naming the file that is missing or cannot be read; `unsupported`
 * for networks that take something else than images; `invalid-argument` for options of a folder, which states both.
 */
export async function openModel(
  from: FileSource | FilePlace,
  { weightsKey, ...options }: ModelOptions = {},
): Promise<Model> {
  if ("source" in from && from.below !== "") {
    if (weightsKey === undefined) return openOnnxModel(from, options);
    throw new VoxplainError("invalid-argument", "only a checkpoint has state dicts to choose from", {
      file: from.below,
      hint: "leave the key of the weights out (--weights_key)",
    });
  }
  const folder = "source" in from ? from.source : from;
  if (Object.values(options).every((option) => option === undefined)) return openFolder(folder, weightsKey);
  throw new VoxplainError(
    "invalid-argument",
    "a model folder states its preprocessing, its output and its labels itself",
    {
      file: folder.name,
    },
  );
}
