import type { Attribute, Graph, Node } from "./model.ts";

/** The node with other names for values: its inputs and outputs, and what its subgraphs take from around them. */
export function renamedNode(node: Node, renamed: ReadonlyMap<string, string>): Node {
  const rename = (name: string) => renamed.get(name) ?? name;
  const attributes = Object.entries(node.attributes).map(([key, value]): [string, Attribute] => [
    key,
    "graph" in value
      ? { graph: renamedGraph(value.graph, renamed) }
      : "graphs" in value
        ? { graphs: value.graphs.map((graph) => renamedGraph(graph, renamed)) }
        : value,
  ]);
  return {
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: Object.fromEntries(attributes),
  };
}

/** What a subgraph takes from around it gets its new name. */
function renamedGraph(graph: Graph, renamed: ReadonlyMap<string, string>): Graph {
  const own = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const outer = new Map([...renamed].filter(([name]) => !own.has(name)));
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renamedNode(node, outer)),
    outputs: graph.outputs.map((value) => ({ ...value, name: outer.get(value.name) ?? value.name })),
  };
}
