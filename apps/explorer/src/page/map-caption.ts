import type { Explanation } from "../engine/engine.ts";
import { percent } from "./session-list.ts";

/** What a map explains, and how it was made, in a line. */
export function captionOf(
  { request, prediction, relativeDelta, refinement, seconds, isPlaced }: Explanation,
  classes: readonly string[],
): string {
  const nameOf = (index: number) => classes[index] ?? `class ${index}`;
  const probability = prediction.probabilities[prediction.predictedClass];
  return [
    `for ${nameOf(request.target)}`,
    probability === undefined
      ? undefined
      : `predicted ${nameOf(prediction.predictedClass)} ${percent(probability)}`,
    request.network && `fold ${request.network.fold}, ${request.network.selection.replaceAll("_", " ")}`,
    relativeDelta === undefined ? undefined : `completeness missed by ${percent(Math.abs(relativeDelta))}`,
    refinement && `${refinement.passes} passes${refinement.converged ? "" : ", tolerance not reached"}`,
    isPlaced ? undefined : "orientation unknown",
    `${seconds.toFixed(1)} s`,
  ]
    .filter((part) => part !== undefined)
    .join(" · ");
}
