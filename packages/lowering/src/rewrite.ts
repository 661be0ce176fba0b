import {
  type AttributeValues,
  type GraphBuilder,
  graphBuilder,
  type Model,
  type Node,
  type OperatorName,
  validateGraph,
  withoutDeadNodes,
} from "@voxplain/onnx-graph";
import { type GraphView, graphView, type VolumeShape } from "./graph-view.ts";

/** What a pass changes a graph with: it adds nodes, and takes those away whose outputs they compute now. */
export interface Rewriting {
  readonly builder: GraphBuilder;
  remove(...nodes: readonly (Node | undefined)[]): void;
  /** True for a node that this pass has taken away already. */
  isRemoved(node: Node): boolean;
  /** Adds a node named after the one that it stands for, with one output of that name, or of the name given. */
  add(
    original: Node,
    opType: OperatorName,
    inputs: readonly string[],
    attributes?: AttributeValues,
    output?: string,
  ): string;
}

/** Lets a pass look at a model and change it; then puts the nodes in order and drops what nothing needs. */
export function rewrite(model: Model, change: (view: GraphView, rewriting: Rewriting) => void): Model {
  const builder = graphBuilder(model.graph.name, model.graph);
  const removed = new Set<Node>();
  change(graphView(model), {
    builder,
    remove(...nodes) {
      for (const node of nodes) if (node !== undefined) removed.add(node);
    },
    isRemoved: (node) => removed.has(node),
    add(original, opType, inputs, attributes, output) {
      const name = builder.fresh(`${original.name}/${opType}`);
      return builder.add(opType, inputs, attributes, { name, outputs: [output ?? name] });
    },
  });
  if (removed.size === 0) return model;
  const graph = builder.build();
  const nodes = graph.nodes.filter((node) => !removed.has(node));
  return { ...model, graph: withoutDeadNodes(validateGraph({ ...graph, nodes })) };
}

/** The shape [N, C, D, H, W] as a value, with the N of `like`. */
export function shapeValue(
  view: GraphView,
  { builder, add }: Rewriting,
  original: Node,
  like: string,
  { channels, lengths }: VolumeShape,
  batchOf: string = like,
): string {
  const batch = view.dims(batchOf)?.[0];
  if (typeof batch === "number") return builder.int64([batch, channels, ...lengths]);
  const count = add(original, "Shape", [like], { start: 0, end: 1 });
  return add(original, "Concat", [count, builder.int64([channels, ...lengths])], { axis: 0 });
}
