import { isVoxplainError, VoxplainError } from "@voxplain/core";
import { type Prediction, predictEach, softVote, uniformWeights } from "@voxplain/saliency";
import type { Voting } from "../plan/request.ts";
import type { ImagePrediction, PredictedPart } from "./explained-part.ts";
import type { OpenNetwork } from "./network-slot.ts";
import { itemOf, type Job, type ReadImage } from "./work.ts";

/**
 * The prediction for an image: by the network, or by the vote of its parts.
 * @throws VoxplainError `mismatch` naming the image where a part that has a weight is missing.
 */
export function imagePrediction(
  name: string,
  parts: readonly Pick<PredictedPart, "part" | "prediction">[],
  voting: Voting | undefined,
): ImagePrediction {
  const [first] = parts;
  if (first === undefined) throw new RangeError("an image has at least one part");
  if (voting === undefined) return first.prediction;
  if (voting === "mean") return meanPrediction(parts.map(({ prediction }) => prediction));
  const weights = voting === "uniform" ? uniformWeights(parts.map(({ part }) => part.id)) : voting;
  const votes = parts.map(({ part, prediction }) => ({
    partId: part.id,
    probabilities: prediction.probabilities,
  }));
  try {
    return softVote(votes, weights);
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    throw new VoxplainError(error.code, error.problem, {
      session: name,
      hint: "is the image cut into parts as in the training, and complete?",
      cause: error,
    });
  }
}

/** The prediction of a network that gives a number. */
function meanPrediction(predictions: readonly Prediction[]): ImagePrediction {
  const sum = predictions.reduce((total, { logits: [value = Number.NaN] }) => total + value, 0);
  return { logits: [sum / predictions.length], probabilities: [], predictedClass: 0 };
}

/** What one network says of the parts of an image, by forward passes alone. */
export async function predictParts<Part extends PredictedPart>(
  { model }: OpenNetwork,
  { plan: { request }, signal }: Job<Part>,
  image: ReadImage,
  parts: ReadImage["parts"] | readonly [ReadImage["parts"][number]],
): Promise<readonly Pick<PredictedPart, "part" | "prediction">[]> {
  const items = parts.map((part) => itemOf(image, part, 0));
  const predicted: Pick<PredictedPart, "part" | "prediction">[] = [];
  for await (const { item, prediction } of predictEach(model, items, {
    batchSize: request.batchSize ?? 2,
    signal,
  })) {
    predicted.push({ part: item.part, prediction });
  }
  return predicted;
}
