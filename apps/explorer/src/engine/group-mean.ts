import { type Tensor, tensor, VoxplainError } from "@voxplain/core";
import { groupMean } from "@voxplain/saliency";
import type { Explanation, ExplanationRequest } from "./engine.ts";

/**
 * The mean map over the mean image, on the grid of the first. Its prediction is the mean of the probabilities.
 * @throws VoxplainError `not-found` for none, `mismatch` for explanations of other grids, networks, methods
 * or classes.
 */
export function meanExplanation(explanations: readonly Explanation[]): Explanation {
  const [first] = explanations;
  if (first === undefined) throw new VoxplainError("not-found", "there is no map to average");
  const { request, map, isPlaced } = first;
  const other = explanations.find((one) => keyOf(one.request) !== keyOf(request));
  if (other !== undefined) {
    throw new VoxplainError(
      "mismatch",
      `${first.image.name} and ${other.image.name} were not explained in the same way: ` +
        "a mean needs one network, one method with the same options, and one class",
    );
  }
  const maps = groupMean();
  const anatomies = groupMean();
  for (const { stored, anatomy } of explanations) {
    maps.add(stored);
    anatomies.add(tensor("float32", anatomy.shape, anatomy.data));
  }
  const stored = maps.mean();
  const { affine, shape } = map;
  const elsewhere = explanations.filter((one) => one.map.affine.flat().join() !== affine.flat().join());
  const warnings = new Set(explanations.flatMap((one) => one.warnings));
  if (elsewhere[0] !== undefined) {
    warnings.add(
      `${elsewhere[0].image.name} lies elsewhere in space than ${first.image.name}: the mean map gets the affine of the first`,
    );
  }
  return {
    image: {
      id: "mean",
      name: `mean of ${explanations.length} images`,
      trueClass: commonClass(explanations),
    },
    request,
    prediction: meanPrediction(explanations),
    map: { data: firstChannel(stored, map.data.length), shape, affine },
    anatomy: { data: anatomies.mean().data, shape, affine },
    isPlaced,
    stored,
    relativeDelta: undefined,
    seconds: explanations.reduce((sum, { seconds }) => sum + seconds, 0),
    warnings: [...warnings],
  };
}

function keyOf({ network, method, options, target }: ExplanationRequest): string {
  const given = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([network?.fold, network?.selection, method, given, target]);
}

function firstChannel({ data }: Tensor<"float32">, length: number): Float32Array {
  return data.subarray(0, length);
}

function commonClass(explanations: readonly Explanation[]): string | undefined {
  const classes = new Set(explanations.map(({ image }) => image.trueClass));
  return classes.size === 1 ? [...classes][0] : undefined;
}

function meanPrediction(explanations: readonly Explanation[]) {
  const probabilities = explanations[0]!.prediction.probabilities.map(
    (_, k) =>
      explanations.reduce((sum, { prediction }) => sum + prediction.probabilities[k]!, 0) /
      explanations.length,
  );
  return { probabilities, predictedClass: probabilities.indexOf(Math.max(...probabilities)) };
}
