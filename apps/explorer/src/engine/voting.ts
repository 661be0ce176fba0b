import { readPartPredictions } from "@voxplain/caps-io";
import { isVoxplainError, joinPath } from "@voxplain/core";
import { findSelection, type ModelFolder } from "@voxplain/model-loader";
import { votingWeights } from "@voxplain/saliency";
import type { NetworkChoice } from "./engine.ts";
import { partNames } from "./model-facts.ts";
import type { Voting } from "./open-model.ts";

/** From the predictions on the validation set, as ClinicaDL weighs the parts; without them each counts the same. */
export async function votingOf(folder: ModelFolder, choice: NetworkChoice): Promise<Voting | undefined> {
  const { settings, source } = folder;
  const { mode, selectionThreshold } = settings;
  if (mode === "image") return undefined;
  const { fold, selection } = choice;
  const count = findSelection(folder, fold, selection).networks?.length ?? 0;
  const inFold = (...path: string[]) =>
    joinPath(`fold-${fold}`, "cnn_classification", ...path, `validation_${mode}_level_prediction.tsv`);
  const whole = inFold(selection);
  const isWhole = count === 0 || (await source.open(whole)) !== undefined;
  const paths = isWhole ? [whole] : Array.from({ length: count }, (_, k) => inFold(`cnn-${k}`, selection));
  try {
    const lists = await Promise.all(paths.map((path) => readPartPredictions(source, path, mode)));
    const judged = lists.flat().map(({ partId, trueLabel, predictedLabel }) => ({
      partId,
      correct: trueLabel === predictedLabel,
    }));
    const weights = votingWeights(judged, selectionThreshold === undefined ? {} : { selectionThreshold });
    return { weights, warnings: [] };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    const warning = `all ${partNames[mode]} count the same in the vote on the class of an image: ${error.message}`;
    return { weights: "uniform", warnings: [warning] };
  }
}
