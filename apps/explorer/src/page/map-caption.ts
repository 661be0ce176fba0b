import type { Explanation, ExplorerModel } from "../engine/engine.ts";
import { explainedText, networkText, outputOf, outputText, percent } from "./prediction-text.ts";

/** What a map explains, and how it was made, in a line. */
export function captionOf(
  { request, prediction, relativeDelta, refinement, seconds, isPlaced }: Explanation,
  model: Pick<ExplorerModel, "task" | "classes">,
): string {
  const nameOf = (index: number) => model.classes[index] ?? `class ${index}`;
  const explained = explainedText(request, model);
  const output = outputOf(prediction);
  const probability = prediction.probabilities[prediction.predictedClass];
  return [
    output === undefined ? `for ${explained}` : `${explained}: ${outputText(output)}`,
    probability === undefined
      ? undefined
      : `predicted ${nameOf(prediction.predictedClass)} ${percent(probability)}`,
    request.network && networkText(request.network),
    relativeDelta === undefined ? undefined : `completeness missed by ${percent(Math.abs(relativeDelta))}`,
    refinement && `${refinement.passes} passes${refinement.converged ? "" : ", tolerance not reached"}`,
    isPlaced ? undefined : "orientation unknown",
    seconds < 0.05 ? "<0.1 s" : `${seconds.toFixed(1)} s`,
  ]
    .filter((part) => part !== undefined)
    .join(" · ");
}
