import { elementAt, VoxplainError } from "@voxplain/core";
import { floatAttribute, type GraphBuilder, graphBuilder, intAttribute } from "./builder.ts";
import type { Emitter } from "./emitter.ts";
import type { Graph, Model, Node } from "./model.ts";
import type { OperatorName } from "./operator-name.ts";
import { inferShapes } from "./shape-inference.ts";
import { standardized } from "./standardization.ts";
import { valuesUsedBy } from "./subgraphs.ts";

/**
 * The model with each BatchNormalization that is in training mode written out: scale · (x − mean) / √(variance + ε) +
 * shift with mean and variance of the batch that is fed, over all axes but that of the channels. Runtimes made for
 * inference do not compute it, or take the running statistics instead.
 * @throws VoxplainError `unsupported` naming one whose running statistics are used, or whose input has an unknown number of axes.
 */
export function spellBatchStatistics(model: Model): Model {
  const { graph } = model;
  if (!graph.nodes.some(normalizesByBatch)) return model;
  const values = inferShapes(model);
  const used = usedIn(graph);
  const builder = graphBuilder(graph.name, graph);
  for (const node of graph.nodes) {
    if (!normalizesByBatch(node)) {
      builder.addNode(node);
      continue;
    }
    const rank = values.get(elementAt(node.inputs, 0))?.dims?.length;
    if (rank === undefined)
      throw unsupported(node, "it is in training mode, and the shape of its input is not known");
    if (node.outputs.slice(1).some((output) => used.has(output)))
      throw unsupported(node, "it is in training mode, and its running statistics are used");
    writeOut(builder, node, rank, model.opsets[""] ?? 0);
  }
  const built = builder.build();
  return { ...model, graph: { ...built, nodes: built.nodes.slice(graph.nodes.length) } };
}

/** Whether a node normalizes with the statistics of the batch: BatchNormalization in training mode. */
export function normalizesByBatch({ domain, opType, attributes }: Node): boolean {
  return (
    domain === "" && opType === "BatchNormalization" && intAttribute(attributes, "training_mode", 0) === 1
  );
}

function writeOut(builder: GraphBuilder, node: Node, rank: number, opset: number): void {
  const [x, scale, shift] = node.inputs as [string, string, string];
  const add = (
    opType: OperatorName,
    inputs: readonly string[],
    attributes = {},
    outputs?: readonly string[],
  ) =>
    builder.add(opType, inputs, attributes, {
      name: builder.fresh(`${node.name || node.outputs[0]}/${opType}`),
      ...(outputs && { outputs }),
    });
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  const perChannel = (value: string) =>
    add("Reshape", [value, builder.int64([-1, ...axes.slice(1).map(() => 1)])]);
  const emitter: Emitter = {
    opset,
    emit: add,
    float: (value) => add("CastLike", [builder.scalar(value), x]),
    int64: builder.int64,
  };
  const epsilon = floatAttribute(node.attributes, "epsilon", 1e-5);
  const { value: normalized } = standardized(emitter, x, axes, epsilon);
  add("Add", [add("Mul", [normalized, perChannel(scale)]), perChannel(shift)], {}, node.outputs.slice(0, 1));
}

/** Values that nodes take or that are outputs. */
export function usedIn({ nodes, outputs }: Graph): ReadonlySet<string> {
  return new Set([...nodes.flatMap(valuesUsedBy), ...outputs.map(({ name }) => name)]);
}

function unsupported({ opType, name, outputs }: Node, what: string): VoxplainError {
  return new VoxplainError("unsupported", `${opType} "${name || outputs[0]}": ${what}`);
}
