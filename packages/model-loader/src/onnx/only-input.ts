import { VoxplainError } from "@voxplain/core";
import type { Model, ValueInfo } from "@voxplain/onnx-graph";

/**
 * The input that takes the image.
 * @throws VoxplainError `mismatch` where there is none, or several: what the others should be is not known.
 */
export function onlyInput({ name, model }: { readonly name: string; readonly model: Model }): ValueInfo {
  const { inputs } = model.graph;
  const [input, ...others] = inputs;
  if (input !== undefined && others.length === 0) return input;
  const found = inputs.map((one) => `"${one.name}"`).join(", ");
  throw new VoxplainError("mismatch", "the network does not have the image as its only input", {
    file: name,
    found: input === undefined ? "no input" : found,
    ...(input !== undefined && { hint: "export the network with the other inputs as constants" }),
  });
}
