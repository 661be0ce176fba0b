import { isVoxplainError, VoxplainError } from "@voxplain/core";
import {
  checkNotQuantized,
  type DifferentiatedModel,
  type DifferentiateOptions,
  differentiate,
} from "@voxplain/onnx-autodiff";
import type { Model, Network } from "@voxplain/onnx-graph";
import { methods } from "./methods/index.ts";

/**
 * Looks whether a network has a gradient at its input, before anything is computed.
 * @throws VoxplainError `unsupported` naming the operators without one, and what explains the network anyway.
 */
export function checkDifferentiable(network: Network): void {
  differentiateFor(network, network.model, { output: network.logits, withRespectTo: [network.input] });
}

/**
 * `differentiate` with refusals that say what explains the network anyway.
 * @param network - What is to be explained: as it was read, and the input behind which nothing may round.
 * @param model - What is differentiated: the network's model, or what a method made of it.
 * @throws VoxplainError as `differentiate`, `unsupported` for a quantized network.
 */
export function differentiateFor(
  { model: { graph }, input }: Pick<Network, "model" | "input">,
  model: Model,
  options: DifferentiateOptions,
): DifferentiatedModel {
  try {
    checkNotQuantized(graph, input);
    return differentiate(model, options);
  } catch (error) {
    throw isVoxplainError(error, "unsupported") ? withForwardMethods(error) : error;
  }
}

/** The error that says why a network has no gradient, with the methods that need none as what can be done. */
export function withForwardMethods(refusal: VoxplainError): VoxplainError {
  const { code, problem, file, session, expected, found, hint } = refusal;
  const others = `${listed(withoutGradient())} need no gradient`;
  return new VoxplainError(code, problem, {
    ...{ file, session, expected, found },
    hint: hint === undefined ? others : `${others}, or ${hint}`,
    cause: refusal,
  });
}

function withoutGradient(): readonly string[] {
  return Object.values(methods).flatMap(({ name, needs }) => (needs === "forward" ? [name] : []));
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
