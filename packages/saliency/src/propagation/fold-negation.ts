import { elementAt } from "@voxplain/core";
import { type GraphBuilder, graphBuilder, type Model, type Node } from "@voxplain/onnx-graph";
import { linearOperators } from "./linear-layer.ts";

/** What −1 commutes with: moves and means. */
const commuting: ReadonlySet<string> = new Set(
  "Reshape Flatten Squeeze Unsqueeze Transpose Identity Slice Gather GlobalAveragePool AveragePool ReduceMean ReduceSum".split(
    " ",
  ),
);

/**
 * Computes −(W·x + b) as (−W)·x + (−b), where between the layer and the negation values are only moved or averaged.
 * Rules that treat positive and negative weights differently then see those of the score that is explained. The layer
 * itself stays for whatever else needs it.
 */
export function foldNegation(model: Model): Model {
  const { graph } = model;
  if (!graph.nodes.some(isNegation)) return model;
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const depends = dependents(
    graph.nodes,
    graph.inputs.map(({ name }) => name),
  );
  const builder = graphBuilder(graph.name, graph);
  for (const node of graph.nodes) {
    const steps = isNegation(node) ? stepsTo(elementAt(node.inputs, 0), producers, depends) : undefined;
    if (steps === undefined) builder.addNode(node);
    else addNegated(builder, steps, elementAt(node.outputs, 0), depends);
  }
  const built = builder.build();
  return { ...model, graph: { ...built, nodes: built.nodes.slice(graph.nodes.length) } };
}

function isNegation({ opType, domain }: Node): boolean {
  return opType === "Neg" && domain === "";
}

/** The values that depend on what is fed. */
function dependents(nodes: readonly Node[], inputs: readonly string[]): ReadonlySet<string> {
  const found = new Set(inputs);
  for (const { inputs: used, outputs } of nodes) {
    if (used.some((name) => found.has(name))) for (const name of outputs) found.add(name);
  }
  return found;
}

/** The layer that makes a value, and the nodes in between, in their order. */
function stepsTo(
  value: string,
  producers: ReadonlyMap<string, Node>,
  depends: ReadonlySet<string>,
): readonly Node[] | undefined {
  const node = producers.get(value);
  if (node === undefined || node.domain !== "") return undefined;
  const fed = node.inputs.filter((name) => depends.has(name));
  if (fed.length !== 1) return undefined;
  if (node.opType in linearOperators) return [node];
  if (!commuting.has(node.opType) && node.opType !== "Add") return undefined;
  const before = stepsTo(elementAt(fed, 0), producers, depends);
  return before && [...before, node];
}

function addNegated(
  builder: GraphBuilder,
  steps: readonly Node[],
  output: string,
  depends: ReadonlySet<string>,
): void {
  let fed = "";
  for (const [place, node] of steps.entries()) {
    const isLayer = place === 0;
    const inputs = node.inputs.map((name) => {
      if (depends.has(name)) return isLayer ? name : fed;
      return name !== "" && (isLayer || node.opType === "Add") ? builder.add("Neg", [name]) : name;
    });
    fed = place === steps.length - 1 ? output : builder.fresh(`${output}/${node.opType}`);
    builder.addNode({ ...node, name: builder.fresh(`${node.name}/negated`), inputs, outputs: [fed] });
  }
}
