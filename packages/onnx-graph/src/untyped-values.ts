import type { Attribute, Graph, Model, Node, ValueInfo } from "./model.ts";
import { inferNode, knownOfInitializer } from "./shape-inference.ts";
import type { Known } from "./shape-rules/known.ts";

/** What is known of the values that can be seen in a graph. */
interface Scope {
  get(name: string): Known | undefined;
}

/**
 * The model with inferred types in the place of those that the file leaves out: outputs of graphs, and inputs of
 * the body of a Loop, which have the types of what the Loop is given. A node whose inputs do not fit together, as in
 * a branch that is never taken, gives what its first input is.
 */
export function withTypes(model: Model, untyped: ReadonlySet<ValueInfo>): Model {
  const opset = model.opsets[""] ?? 0;
  return { ...model, graph: typed(model.graph, new Map()) };

  function typed(graph: Graph, outer: Scope): Graph {
    const own = new Map<string, Known>(graph.inputs.map((value) => [value.name, value]));
    for (const [name, value] of graph.initializers) own.set(name, knownOfInitializer(value));
    const stated = new Map(
      [...graph.valueInfo, ...graph.outputs.filter((each) => !untyped.has(each))].map((value) => [
        value.name,
        value,
      ]),
    );
    const scope: Scope = { get: (name) => own.get(name) ?? outer.get(name) };
    const nodes = graph.nodes.map((node) => {
      const inputs = node.inputs.map((name) => scope.get(name));
      const changed = withTypedSubgraphs(node, inputs, scope);
      const outputs = inferNode(changed, opset, inputs, stated, () => []);
      for (const [k, name] of node.outputs.entries()) if (name !== "") own.set(name, outputs[k]!);
      return changed;
    });
    return { ...graph, nodes, outputs: graph.outputs.map((value) => withType(value, scope.get(value.name))) };
  }

  function withTypedSubgraphs(node: Node, inputs: readonly (Known | undefined)[], scope: Scope): Node {
    const change = (graph: Graph) => typed(node.opType === "Loop" ? loopBody(graph, inputs) : graph, scope);
    const attributes = Object.entries(node.attributes).map(([key, value]): [string, Attribute] => {
      if ("graph" in value) return [key, { graph: change(value.graph) }];
      return [key, "graphs" in value ? { graphs: value.graphs.map(change) } : value];
    });
    return { ...node, attributes: Object.fromEntries(attributes) };
  }

  /** The number of the round, whether to go on, and what is carried from round to round. */
  function loopBody(graph: Graph, inputs: readonly (Known | undefined)[]): Graph {
    const given: readonly (Known | undefined)[] = [
      { dtype: "int64", dims: [] },
      { dtype: "bool", dims: [] },
      ...inputs.slice(2).map((input) => input && { dtype: input.dtype, dims: undefined }),
    ];
    return { ...graph, inputs: graph.inputs.map((value, k) => withType(value, given[k])) };
  }

  function withType(value: ValueInfo, found: Known | undefined): ValueInfo {
    if (!untyped.has(value) || found === undefined) return value;
    return { name: value.name, dtype: found.dtype, dims: found.dims };
  }
}
