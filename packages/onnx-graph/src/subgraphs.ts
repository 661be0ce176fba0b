import type { Graph, Node } from "./model.ts";

/** Graphs inside a node: branches of an If, bodies of loops. */
export function subgraphsOf(node: Node): readonly Graph[] {
  return Object.values(node.attributes).flatMap((attribute) =>
    "graph" in attribute ? [attribute.graph] : "graphs" in attribute ? attribute.graphs : [],
  );
}

/** Everything a node needs: its inputs, and what its subgraphs use of the graph around them. */
export function valuesUsedBy(node: Node): readonly string[] {
  const inputs = node.inputs.filter((name) => name !== "");
  const captured = subgraphsOf(node).flatMap((graph) => [...valuesCapturedBy(graph)]);
  return captured.length === 0 ? inputs : [...inputs, ...captured];
}

/** What a subgraph uses of the graphs around it. */
export function valuesCapturedBy(graph: Graph): ReadonlySet<string> {
  const own = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap((node) => node.outputs),
  ]);
  const used = [...graph.nodes.flatMap(valuesUsedBy), ...graph.outputs.map(({ name }) => name)];
  return new Set(used.filter((name) => !own.has(name)));
}
