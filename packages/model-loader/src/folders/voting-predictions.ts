import { type FilePath, joinPath } from "@voxplain/core";
import type { ModelFolder } from "./folder-content.ts";
import { findSelection } from "./model-folder.ts";

/**
 * The tables of what a network predicted for the parts of the validation set, which weigh the parts' votes: one, or in
 * folders of ClinicaDL 0.2 one for each network where each part has its own. They need not be there.
 * @param group - "train": what it predicted for the sessions of its training, whose votes that weighs; in a MAPS.
 * @throws VoxplainError as {@link findSelection}.
 */
export async function votingPredictions(
  folder: ModelFolder,
  fold: number,
  selection: string,
  group: "train" | "validation" = "validation",
): Promise<readonly FilePath[]> {
  const { mode } = folder.settings;
  const { name, networks } = findSelection(folder, fold, selection);
  const foldName = folder.folds.find(({ index }) => index === fold)?.name ?? "";
  const table = `${group}_${mode}_level_prediction.tsv`;
  if (folder.program.format === "1.x") {
    return [joinPath(foldName, name.replace("_", "-"), group, table)];
  }
  const inFold = (...path: string[]) => joinPath(foldName, "cnn_classification", ...path, table);
  const whole = inFold(name);
  if (networks === undefined || (await folder.source.open(whole)) !== undefined) return [whole];
  return networks.map(({ index }) => inFold(`cnn-${index}`, name));
}
