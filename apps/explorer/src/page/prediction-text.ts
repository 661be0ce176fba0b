import type { ExplanationRequest, ExplorerModel, ImagePrediction, NetworkChoice } from "../engine/engine.ts";
import { explainedValue } from "../engine/explained-value.ts";

/** What is explained: "AD", "output" of a regression, "output 3,1" for one value. */
export function explainedText(
  { region, target }: Pick<ExplanationRequest, "region" | "target">,
  { task, classes }: Pick<ExplorerModel, "task" | "classes">,
): string {
  const value = explainedValue(region);
  if (value !== undefined) return `output ${value}`;
  return task === "regression" ? "output" : (classes[target] ?? `class ${target}`);
}

/** The number that a network gives in the place of classes; undefined where classes are predicted. */
export function outputOf({ probabilities, logits }: ImagePrediction): number | undefined {
  return probabilities.length === 0 ? logits?.[0] : undefined;
}

/** Four digits: "71.32". */
export function outputText(output: number): string {
  return String(Number(output.toPrecision(4))).replace("-", "−");
}

/** "97.3 %"; never 100 where it is less, and never 0 where it is more. */
export function percent(share: number): string {
  const text = (100 * share).toFixed(1);
  if (text === "100.0" && share < 1) return ">99.9 %";
  return text === "0.0" && share > 0 ? "<0.1 %" : `${text} %`;
}

/** "split 0, best loss". */
export function networkText({ foldName, selection }: NetworkChoice): string {
  return `${foldName.replace("-", " ")}, ${selection.replaceAll("_", " ")}`;
}

/** "AD 97.3 %", or the number of a regression. */
export function predictionText(prediction: ImagePrediction, classes: readonly string[]): string {
  const output = outputOf(prediction);
  if (output !== undefined) return outputText(output);
  const { predictedClass, probabilities } = prediction;
  return `${classes[predictedClass] ?? `class ${predictedClass}`} ${percent(probabilities[predictedClass] ?? 0)}`;
}
