import { isVoxplainError, VoxplainError } from "@voxplain/core";
import { type DifferentiatedModel, type DifferentiateOptions, differentiate } from "@voxplain/onnx-autodiff";
import type { Model, Node } from "@voxplain/onnx-graph";
import type { Network } from "./differentiable-model.ts";
import { methods } from "./methods/index.ts";

/** Operators that round to the integers of a quantized network, or compute with them. */
const quantized = /^(Dynamic)?QuantizeLinear$|^QLinear|^QGemm$|^(Conv|MatMul)Integer(ToFloat)?$/;

/**
 * Looks whether a network has a gradient at its input, before anything is computed.
 * @throws VoxplainError `unsupported` naming the operators without one, and what explains the network anyway.
 */
export function checkDifferentiable(network: Network): void {
  differentiateFor(network, network.model, { output: network.logits, withRespectTo: [network.input] });
}

/**
 * `differentiate` with refusals that say what explains the network anyway. A quantized network is refused: the
 * gradient of what rounds is zero, and what is left of it beside that is no explanation.
 * @param network - What is to be explained: as it was read, and the input behind which nothing may round.
 * @param model - What is differentiated: the network's model, or what a method made of it.
 * @throws VoxplainError as `differentiate`, `unsupported` for a quantized network.
 */
export function differentiateFor(
  { model: { graph }, input }: Pick<Network, "model" | "input">,
  model: Model,
  options: DifferentiateOptions,
): DifferentiatedModel {
  const rounding = quantizedBehind(graph.nodes, input);
  try {
    if (rounding.length > 0) {
      const operators = [...rounding].map(([operator, count]) =>
        count === 1 ? operator : `${operator} (${count} nodes)`,
      );
      throw new VoxplainError(
        "unsupported",
        `the network is quantized, and the gradient of ${operators.join(", ")} is not known`,
      );
    }
    return differentiate(model, options);
  } catch (error) {
    if (!isVoxplainError(error, "unsupported")) throw error;
    const export32 = rounding.length > 0 ? ", or take the network's float32 export" : "";
    throw new VoxplainError(
      error.code,
      `${error.message}; ${listed(withoutGradient())} need no gradient${export32}`,
      { cause: error },
    );
  }
}

/** Quantizing operators on values that depend on the input, with their number. */
function quantizedBehind(nodes: readonly Node[], input: string): readonly (readonly [string, number])[] {
  const fed = new Set([input]);
  const counts = new Map<string, number>();
  for (const { opType, inputs, outputs } of nodes) {
    if (!inputs.some((value) => fed.has(value))) continue;
    for (const value of outputs) fed.add(value);
    if (quantized.test(opType)) counts.set(opType, (counts.get(opType) ?? 0) + 1);
  }
  return [...counts];
}

function withoutGradient(): readonly string[] {
  return Object.values(methods).flatMap(({ name, needs }) => (needs === "forward" ? [name] : []));
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
