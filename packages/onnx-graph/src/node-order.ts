import { VoxplainError } from "@voxplain/core";
import type { Node } from "./model.ts";
import { valuesUsedBy } from "./subgraphs.ts";

/** Something that knows names: a Set, say. */
export interface Scope {
  /** Whether a value of that name is there already. */
  has(name: string): boolean;
}

/**
 * Nodes in an order in which every input is there before it is used; the same array where that is so.
 * @param known values that are there from the start: fed, stored, or of a graph around.
 * @throws VoxplainError `invalid-file` for a value made twice, made by no node, or needed by itself.
 */
export function sortNodes(nodes: readonly Node[], known: Scope): readonly Node[] {
  const producers = new Map<string, Node>();
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === "") continue;
      if (producers.has(output)) {
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
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      if (state.get(node) === "done") {
        stack.pop();
        continue;
      }
      state.set(node, "open");
      const waiting = valuesUsedBy(node)
        .map((input) => producerOf(node, input))
        .filter((producer) => producer !== undefined && state.get(producer) !== "done") as Node[];
      if (waiting.length > 0) {
        for (const producer of waiting.reverse()) stack.push(producer);
        continue;
      }
      state.set(node, "done");
      sorted.push(node);
      stack.pop();
    }
  }
  return sorted.every((node, k) => node === nodes[k]) ? nodes : sorted;

  function producerOf(node: Node, input: string): Node | undefined {
    const producer = producers.get(input);
    if (producer === undefined) {
      if (known.has(input)) return undefined;
      throw new VoxplainError(
        "invalid-file",
        `${node.opType} "${node.name}" needs the value "${input}", which nothing computes`,
      );
    }
    if (state.get(producer) === "open") {
      throw new VoxplainError(
        "invalid-file",
        `${node.opType} "${node.name}" needs the value "${input}" to compute itself`,
      );
    }
    return producer;
  }
}
