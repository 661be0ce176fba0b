import { VoxplainError } from "@voxplain/core";
import type { Graph, Node } from "./model.ts";
import { type Scope, sortNodes } from "./node-order.ts";
import { checkNode } from "./operator-schema.ts";
import { subgraphsOf } from "./subgraphs.ts";

/**
 * Checks that every value has one source and every use a value, in subgraphs too, and that standard operators have
 * as many inputs as they take, and attributes of their types.
 * @param opset of the standard operators; without it what any operator set since 7 takes.
 * @returns the graph with its nodes in an order in which they can be computed; the same object where they are.
 * @throws VoxplainError `invalid-file` naming the value or node that is wrong.
 */
export function validateGraph(graph: Graph, opset?: number): Graph {
  return validated(graph, new Set(), opset);
}

function validated(graph: Graph, outer: Scope, opset: number | undefined): Graph {
  const given = new Set<string>();
  for (const name of [...graph.inputs.map((value) => value.name), ...graph.initializers.keys()]) {
    if (given.has(name)) throw wrong(`two inputs or weights have the name "${name}"`);
    given.add(name);
  }
  const computed = new Set(graph.nodes.flatMap((node) => node.outputs));
  for (const name of computed) {
    if (given.has(name)) throw wrong(`the value "${name}" is computed, and is an input or weight as well`);
  }
  const start: Scope = { has: (name) => given.has(name) || outer.has(name) };
  const visible: Scope = { has: (name) => computed.has(name) || start.has(name) };
  const checked = sortNodes(graph.nodes, start).map((node) => validatedNode(node, visible, opset));
  for (const { name } of graph.outputs) {
    if (!visible.has(name)) throw wrong(`the output "${name}" is not computed by any node`);
  }
  return checked.every((node, k) => node === graph.nodes[k]) ? graph : { ...graph, nodes: checked };
}

function validatedNode(node: Node, visible: Scope, opset: number | undefined): Node {
  checkNode(node, opset);
  if (subgraphsOf(node).length === 0) return node;
  const attributes = Object.entries(node.attributes).map(([key, attribute]) => [
    key,
    "graph" in attribute
      ? { graph: validated(attribute.graph, visible, opset) }
      : "graphs" in attribute
        ? { graphs: attribute.graphs.map((graph) => validated(graph, visible, opset)) }
        : attribute,
  ]);
  return { ...node, attributes: Object.fromEntries(attributes) };
}

function wrong(what: string): VoxplainError {
  return new VoxplainError("invalid-file", `the graph is not sound: ${what}`);
}
