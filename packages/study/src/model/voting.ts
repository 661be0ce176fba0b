import { readPartPredictions } from "@voxplain/caps-io";
import { type FilePath, isVoxplainError, joinPath, VoxplainError } from "@voxplain/core";
import type { ModelFolder } from "@voxplain/model-loader";
import { type VotingWeights, votingWeights } from "@voxplain/saliency";

/**
 * The weights of a fold's and selection's vote, from its predictions of the validation set. Networks
 * of a multi-CNN model may have a file each.
 * @throws VoxplainError `not-found` naming the file, and what lets the user go on.
 */
export async function readVotingWeights(
  folder: ModelFolder,
  { foldName, selection }: { readonly foldName: string; readonly selection: string },
  networkCount: number | undefined,
): Promise<VotingWeights> {
  const { settings, source } = folder;
  const { mode } = settings;
  if (mode === "image") throw new RangeError("whole images do not vote");
  const name = `validation_${mode}_level_prediction.tsv`;
  const inFold = (...path: string[]) => joinPath(foldName, "cnn_classification", ...path, name);
  const whole = inFold(selection);
  const ofNetworks = Array.from({ length: networkCount ?? 0 }, (_, k) => inFold(`cnn-${k}`, selection));
  const paths = (await isThere(folder, whole)) || ofNetworks.length === 0 ? [whole] : ofNetworks;
  try {
    const lists = await Promise.all(paths.map((path) => readPartPredictions(source, path, mode)));
    const judged = lists.flat().map(({ partId, trueLabel, predictedLabel }) => ({
      partId,
      correct: trueLabel === predictedLabel,
    }));
    const { selectionThreshold } = settings;
    return votingWeights(judged, selectionThreshold === undefined ? {} : { selectionThreshold });
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    throw new VoxplainError(error.code === "invalid-argument" ? "invalid-file" : error.code, error.problem, {
      file: error.file ?? (error.code === "invalid-argument" ? `${source.name}/${whole}` : undefined),
      ...{ expected: error.expected, found: error.found },
      hint:
        `the predictions on the validation set weigh the ${nouns[mode]}' votes on the class of an image; ` +
        "without them, give all the same weight (--voting uniform)",
      cause: error,
    });
  }
}

const nouns = { patch: "patches", roi: "regions", slice: "slices" } as const;

async function isThere({ source }: ModelFolder, path: FilePath): Promise<boolean> {
  return (await source.open(path)) !== undefined;
}
