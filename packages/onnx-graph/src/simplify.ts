import { intAttribute } from "./builder.ts";
import { type Graph, isInMemory, type Node } from "./model.ts";
import { subgraphsOf, valuesUsedBy } from "./subgraphs.ts";

/**
 * The graph without what inference does not need: Identity, Dropout, and nodes, weights and shapes
 * that no output depends on. Names of inputs and outputs stay; values that were copies of others are
 * called as those.
 */
export function simplify(graph: Graph): Graph {
  return withoutDeadNodes(withoutCopies(graph));
}

/** Keeps only what the outputs depend on. Inputs stay even where they are not used. */
export function withoutDeadNodes(graph: Graph): Graph {
  const producers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)),
  );
  const needed = new Set<Node>();
  const values = new Set(graph.outputs.map(({ name }) => name));
  // A Set is walked with what is added on the way.
  for (const value of values) {
    const producer = producers.get(value);
    if (producer === undefined || needed.has(producer)) continue;
    needed.add(producer);
    for (const input of valuesUsedBy(producer)) values.add(input);
  }
  const computed = new Set([...needed].flatMap((node) => node.outputs));
  return {
    ...graph,
    nodes: graph.nodes.filter((node) => needed.has(node)),
    initializers: new Map([...graph.initializers].filter(([name]) => values.has(name))),
    valueInfo: graph.valueInfo.filter(({ name }) => computed.has(name)),
  };
}

/** Nodes that give their input on, but for those that name an output or a value of a subgraph. */
function withoutCopies(graph: Graph): Graph {
  const fixed = new Set(graph.outputs.map(({ name }) => name));
  const used = new Set(graph.nodes.flatMap((node) => node.inputs));
  for (const node of graph.nodes) {
    if (subgraphsOf(node).length > 0) for (const name of valuesUsedBy(node)) fixed.add(name);
  }
  const sources = new Map<string, string>();
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => sources.get(name) ?? name);
    const [output = "", mask = ""] = node.outputs;
    const [copied] = inputs;
    if (
      copied !== undefined &&
      isCopy(node, graph) &&
      ![output, mask].some((name) => fixed.has(name)) &&
      !used.has(mask)
    ) {
      sources.set(output, copied);
    } else nodes.push({ ...node, inputs });
  }
  return { ...graph, nodes };
}

/**
 * Dropout drops nothing unless its third input says that it is training (before operator set 12, an
 * attribute), and the second gives a ratio above 0.
 */
function isCopy(node: Node, { initializers }: Graph): boolean {
  if (node.domain !== "" || node.inputs.length === 0) return false;
  if (node.opType === "Identity") return true;
  return node.opType === "Dropout" && !mayDropOut(node, initializers);
}

/**
 * Whether a Dropout drops values at random: it is in training mode, or that is computed, and its ratio is not 0.
 */
export function mayDropOut(node: Node, initializers: Graph["initializers"]): boolean {
  if (intAttribute(node.attributes, "is_test", 1) === 0) return true;
  const ratio = initializers.get(node.inputs[1] ?? "");
  if (ratio !== undefined && isInMemory(ratio) && ratio.data[0] === 0) return false;
  const training = initializers.get(node.inputs[2] ?? "");
  return training === undefined
    ? (node.inputs[2] ?? "") !== ""
    : !isInMemory(training) || training.data[0] !== 0;
}
