import { partNouns, readPartPredictions } from "@voxplain/caps-io";
import { isVoxplainError, VoxplainError } from "@voxplain/core";
import { type ModelFolder, votingPredictions } from "@voxplain/model-loader";
import { type VotingWeights, votingWeights } from "@voxplain/saliency";

/**
 * The weights of a fold's and selection's vote, from its predictions of the validation set; of the sessions of the
 * training from those of the training.
 * @throws VoxplainError `not-found` naming the file, and what lets the user go on.
 */
export async function readVotingWeights(
  folder: ModelFolder,
  { fold, selection }: { readonly fold: number; readonly selection: string },
  group = "validation",
): Promise<VotingWeights> {
  const { settings, source } = folder;
  const { mode } = settings;
  if (mode === "image") throw new RangeError("whole images do not vote");
  const weighing = group === "train" ? "train" : "validation";
  const paths = await votingPredictions(folder, fold, selection, weighing);
  try {
    const lists = await Promise.all(paths.map((path) => readPartPredictions(source, path, mode)));
    // −1 is no label.
    const labelled = lists.flat().filter(({ trueLabel }) => trueLabel >= 0);
    const judged = labelled.map(({ partId, trueLabel, predictedLabel }) => ({
      partId,
      correct: trueLabel === predictedLabel,
    }));
    const { partCount, selectionThreshold, thresholdOf: weighedBy } = settings;
    const judgedParts = new Set(judged.map(({ partId }) => partId)).size;
    if (partCount !== undefined && judgedParts < partCount) {
      throw unjudged(judgedParts, partCount, partNouns[mode]);
    }
    return votingWeights(judged, {
      weighedBy,
      ...(selectionThreshold !== undefined && { selectionThreshold }),
    });
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    throw new VoxplainError(error.code === "invalid-argument" ? "invalid-file" : error.code, error.problem, {
      file: error.file ?? `${source.name}/${paths[0]}`,
      ...{ expected: error.expected, found: error.found },
      hint:
        `the predictions on the ${weighing === "train" ? "training" : "validation"} set weigh the ${partNouns[mode]}' votes on the class of an image; ` +
        "without them, give all the same weight (--voting uniform)",
      cause: error,
    });
  }
}

function unjudged(found: number, partCount: number, noun: string): VoxplainError {
  return new VoxplainError("invalid-file", `it has no predictions of some of the ${noun}`, {
    expected: `${partCount} ${noun}`,
    found: String(found),
  });
}
