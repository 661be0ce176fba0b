import type { Explanation } from "../engine/engine.ts";
import { networkText, outputOf, outputText, percent } from "./prediction-text.ts";

/** What a map explains, and how it was made, in a line. */
export function captionOf(
  { request, prediction, relativeDelta, refinement, seconds, isPlaced }: Explanation,
  classes: readonly string[],
): string {
  const nameOf = (index: number) => classes[index] ?? `class ${index}`;
  const output = outputOf(prediction);
  const probability = prediction.probabilities[prediction.predictedClass];
  return [
    output === undefined ? `for ${nameOf(request.target)}` : `output ${outputText(output)}`,
    probability === undefined
      ? undefined
      : `predicted ${nameOf(prediction.predictedClass)} ${percent(probability)}`,
    request.network && networkText(request.network),
    relativeDelta === undefined ? undefined : `completeness missed by ${percent(Math.abs(relativeDelta))}`,
    refinement && `${refinement.passes} passes${refinement.converged ? "" : ", tolerance not reached"}`,
    isPlaced ? undefined : "orientation unknown",
    `${seconds.toFixed(1)} s`,
  ]
    .filter((part) => part !== undefined)
    .join(" · ");
}
