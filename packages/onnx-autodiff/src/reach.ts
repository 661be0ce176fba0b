import type { Attribute, Graph, Node } from "@voxplain/onnx-graph";

export interface Reach {
  /** Values that change with a source in a differentiable way, the sources among them. */
  readonly active: ReadonlySet<string>;
  /** Nodes, in order, through which the output depends on a source in such a way. */
  readonly path: readonly Node[];
}

/** The nodes between the sources and the output. `carries` says whether a gradient can pass from a node's output. */
export function reach(
  nodes: readonly Node[],
  sources: Iterable<string>,
  output: string,
  carries: (node: Node, value: string) => boolean,
): Reach {
  const active = new Set(sources);
  const reached: Node[] = [];
  for (const node of nodes) {
    if (!usedBy(node).some((value) => active.has(value))) continue;
    const passed = node.outputs.filter((value) => value !== "" && carries(node, value));
    for (const value of passed) active.add(value);
    if (passed.length > 0) reached.push(node);
  }
  const needed = new Set(active.has(output) ? [output] : []);
  const path: Node[] = [];
  for (const node of reached.reverse()) {
    if (!node.outputs.some((value) => needed.has(value))) continue;
    path.push(node);
    for (const value of usedBy(node)) if (active.has(value)) needed.add(value);
  }
  return { active, path: path.reverse() };
}

/** The inputs of a node, and what its subgraphs (If, Loop) take from the graph around them. */
export function usedBy(node: Node): readonly string[] {
  return [...node.inputs, ...Object.values(node.attributes).flatMap(graphsOf).flatMap(usedInside)];
}

function graphsOf(attribute: Attribute): readonly Graph[] {
  if ("graph" in attribute) return [attribute.graph];
  return "graphs" in attribute ? attribute.graphs : [];
}

/** Names are unique across nested graphs, so a name that is used inside and known outside is the same value. */
function usedInside(graph: Graph): readonly string[] {
  return [...graph.nodes.flatMap(usedBy), ...graph.outputs.map(({ name }) => name)];
}
