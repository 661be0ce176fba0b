import type { FilePlace } from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import type { Model } from "./model.ts";
import { openFolder } from "./model-folder.ts";
import { type OnnxModelOptions, openOnnxModel } from "./onnx-file.ts";

/**
 * Opens a trained model: a ClinicaDL 0.2 model folder, or an ONNX file (`below` names it). Weights are read only when a
 * network computes.
 * @param from - The folder, or the file.
 * @param options - What an ONNX file does not state itself.
 * @throws VoxplainError `not-found` and `invalid-file` naming the file that is missing or cannot be read; `unsupported`
 * for networks that take something else than images; `invalid-argument` for options of a folder, which states both.
 */
export async function openModel(
  from: FileSource | FilePlace,
  options: OnnxModelOptions = {},
): Promise<Model> {
  if ("source" in from && from.below !== "") return openOnnxModel(from, options);
  const folder = "source" in from ? from.source : from;
  if (Object.values(options).every((option) => option === undefined)) return openFolder(folder);
  throw new VoxplainError(
    "invalid-argument",
    "a model folder states its preprocessing, its output and its labels itself",
    {
      file: folder.name,
    },
  );
}
