import type { FilePlace } from "@voxplain/caps-io";
import type { FileSource } from "@voxplain/core";
import type { Model } from "./model.ts";
import { openFolder } from "./model-folder.ts";

/**
 * Opens a trained model: a ClinicaDL 0.2 model folder. Weights are read only when a network computes.
 * @param from - The folder.
 * @throws VoxplainError `not-found` and `invalid-file` naming the file that is missing or cannot be read.
 */
export async function openModel(from: FileSource | FilePlace): Promise<Model> {
  return openFolder("source" in from ? from.source : from);
}
