import { VoxplainError } from "@voxplain/core";
import type { Node } from "./model.ts";

/**
 * The name of an input that a node has, "" where it is left out.
 * @throws VoxplainError `invalid-file` naming the node where it has fewer.
 */
export function nodeInput(node: Node, position: number): string {
  return valueAt(node, "input", node.inputs[position], position);
}

/**
 * The name of an output of a node; default: of the first.
 * @throws VoxplainError `invalid-file` naming the node where it has fewer.
 */
export function nodeOutput(node: Node, position = 0): string {
  return valueAt(node, "output", node.outputs[position], position);
}

function valueAt({ opType, name }: Node, kind: string, value: string | undefined, position: number): string {
  if (value !== undefined) return value;
  throw new VoxplainError("invalid-file", `${opType} "${name}" lacks its ${kind} number ${position + 1}`);
}
