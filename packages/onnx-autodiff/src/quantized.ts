import { VoxplainError } from "@voxplain/core";
import type { Graph } from "@voxplain/onnx-graph";

/** Operators that round to the integers of a quantized network, or compute with them. */
const quantized = /^(Dynamic)?QuantizeLinear$|^QLinear|^QGemm$|^(Conv|MatMul)Integer(ToFloat)?$/;

/**
 * Refuses a quantized network: the gradient of what rounds is zero, and what is left of it beside that is no explanation.
 * @param input - The value behind which nothing may round.
 * @throws VoxplainError `unsupported` naming the operators that round, with their number.
 */
export function checkNotQuantized({ nodes }: Graph, input: string): void {
  const fed = new Set([input]);
  const counts = new Map<string, number>();
  for (const { opType, inputs, outputs } of nodes) {
    if (!inputs.some((value) => fed.has(value))) continue;
    for (const value of outputs) fed.add(value);
    if (quantized.test(opType)) counts.set(opType, (counts.get(opType) ?? 0) + 1);
  }
  if (counts.size === 0) return;
  const operators = Array.from(counts, ([operator, count]) =>
    count === 1 ? operator : `${operator} (${count} nodes)`,
  );
  throw new VoxplainError(
    "unsupported",
    `the network is quantized, and the gradient of ${operators.join(", ")} is not known`,
    { hint: "take the network's float32 export" },
  );
}
