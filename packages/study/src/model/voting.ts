import { readPartPredictions } from "@voxplain/caps-io";
import { isVoxplainError, VoxplainError } from "@voxplain/core";
import { type ModelFolder, validationPredictions } from "@voxplain/model-loader";
import { type VotingWeights, votingWeights } from "@voxplain/saliency";

/**
 * The weights of a fold's and selection's vote, from its predictions of the validation set.
 * @throws VoxplainError `not-found` naming the file, and what lets the user go on.
 */
export async function readVotingWeights(
  folder: ModelFolder,
  { fold, selection }: { readonly fold: number; readonly selection: string },
): Promise<VotingWeights> {
  const { settings, source } = folder;
  const { mode } = settings;
  if (mode === "image") throw new RangeError("whole images do not vote");
  const paths = await validationPredictions(folder, fold, selection);
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
      file: error.file ?? (error.code === "invalid-argument" ? `${source.name}/${paths[0]}` : undefined),
      ...{ expected: error.expected, found: error.found },
      hint:
        `the predictions on the validation set weigh the ${nouns[mode]}' votes on the class of an image; ` +
        "without them, give all the same weight (--voting uniform)",
      cause: error,
    });
  }
}

const nouns = { patch: "patches", roi: "regions", slice: "slices" } as const;
