import type { RuleContext } from "@voxplain/onnx-autodiff";

const rectified = new Set(["Relu", "Sigmoid", "HardSigmoid", "Softplus", "Softmax", "Abs", "Exp", "Sqrt"]);
/** Operators that give no negative value where all they get is not negative. */
const keeping = new Set(
  "MaxPool AveragePool GlobalAveragePool GlobalMaxPool Flatten Reshape Squeeze Unsqueeze Transpose Identity Dropout ReduceMean ReduceSum ReduceMax".split(
    " ",
  ),
);

/**
 * True where the operators before it say that a value has no negative element.
 * @param known - A value that has none.
 */
export function isNonNegative(g: RuleContext, value: string, known?: string): boolean {
  for (let at = value; at !== known; ) {
    const node = g.producer(at);
    if (node === undefined) return false;
    if (rectified.has(node.opType)) return true;
    if (!keeping.has(node.opType)) return false;
    at = node.inputs[0] ?? "";
  }
  return true;
}
