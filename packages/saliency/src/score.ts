import { elementAt, type Tensor, VoxplainError } from "@voxplain/core";
import type { Decision } from "@voxplain/onnx-graph";
import { predict } from "./prediction.ts";

/** What is compared between two inputs. */
export type Score = "logit" | "probability";

/** The score in a table of options. */
export const scoreOption = {
  score: {
    kind: "choice",
    choices: ["logit", "probability"],
    default: "logit",
    doc: "whether the drop of the target's logit or of its probability is shown",
  },
} as const;

/**
 * The score of the target of one row of logits [N, classes] of a model that decides by `decision`.
 * @throws VoxplainError `invalid-argument` for the probability of the only output: its softmax is always 1.
 */
export function scoreOf(
  { data, dims }: Tensor<"float32">,
  row: number,
  target: number,
  score: Score,
  decision: Decision | undefined,
): number {
  const classCount = elementAt(dims, 1);
  if (score === "probability" && classCount === 1) {
    throw new VoxplainError("invalid-argument", "a network of one output has no probabilities of classes", {
      hint: 'compare its value, with the score "logit"',
    });
  }
  const logits = data.subarray(row * classCount, (row + 1) * classCount);
  return score === "logit"
    ? elementAt(logits, target)
    : elementAt(predict(logits, decision).probabilities, target);
}
