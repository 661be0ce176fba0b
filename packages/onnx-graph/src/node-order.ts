import { VoxplainError } from "@voxplain/core";
import type { Node } from "./model.ts";

/**
 * Nodes in an order in which every input is there before it is used; stays as it is where that is so.
 * @throws VoxplainError `invalid-file` for a value made twice, made by nobody, or needed by itself.
 */
export function sortNodes(nodes: readonly Node[], known: ReadonlySet<string>): readonly Node[] {
  const producers = new Map<string, Node>();
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === "") continue;
      if (producers.has(output) || known.has(output)) {
        throw new VoxplainError("invalid-file", `the value "${output}" is computed twice`);
      }
      producers.set(output, node);
    }
  }
  const sorted: Node[] = [];
  const state = new Map<Node, "open" | "done">();
  for (const root of nodes) {
    // Depth first with a stack of our own: a chain of a million nodes must not end on the call stack.
    const stack = [root];
    while (stack.length > 0) {
      const node = stack[stack.length - 1]!;
      if (state.get(node) === "done") {
        stack.pop();
        continue;
      }
      state.set(node, "open");
      const waiting: Node[] = [];
      for (const input of node.inputs) {
        if (input === "" || known.has(input)) continue;
        const producer = producers.get(input);
        if (producer === undefined) {
          throw new VoxplainError(
            "invalid-file",
            `${node.opType} "${node.name}" needs the value "${input}", which nothing computes`,
          );
        }
        const found = state.get(producer);
        if (found === "open") {
          throw new VoxplainError(
            "invalid-file",
            `${node.opType} "${node.name}" needs the value "${input}" to compute itself`,
          );
        }
        if (found === undefined) waiting.push(producer);
      }
      if (waiting.length > 0) {
        stack.push(...waiting.reverse());
        continue;
      }
      state.set(node, "done");
      sorted.push(node);
      stack.pop();
    }
  }
  return sorted;
}
