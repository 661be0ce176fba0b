import type { RuleContext } from "@voxplain/onnx-autodiff";

const rectified = new Set(["Relu", "Sigmoid", "HardSigmoid", "Softplus", "Softmax", "Abs", "Exp", "Sqrt"]);
/** Operators that give no negative value where all they get is not negative. */
const keeping = new Set(
  "MaxPool AveragePool GlobalAveragePool GlobalMaxPool Flatten Reshape Squeeze Unsqueeze Transpose Identity Dropout ReduceMean ReduceSum ReduceMax".split(
    " ",
  ),
);

/** True where the operators before it say that a value has no negative element. */
export function isNonNegative(g: RuleContext, value: string): boolean {
  for (let node = g.producer(value); node !== undefined; node = g.producer(node.inputs[0] ?? "")) {
    if (rectified.has(node.opType)) return true;
    if (!keeping.has(node.opType)) return false;
  }
  return false;
}
