import {
  floatAttribute,
  type GraphBuilder,
  graphBuilder,
  inferShapes,
  intAttribute,
  type Model,
  type Node,
} from "@voxplain/onnx-graph";

/**
 * Takes each BatchNormalization into the weights of the layer before it, whose output is its input and nothing
 * else's: s·(W·x + b − mean) + shift is s·W·x + …, with s = scale / √(variance + ε). The layer's output then has the
 * normalized values. The new weights are nodes on the old ones; values keep their names.
 */
export function mergeBatchNormalization(model: Model): Model {
  const { graph } = model;
  const uses = new Map<string, number>();
  for (const value of [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map((o) => o.name)]) {
    uses.set(value, (uses.get(value) ?? 0) + 1);
  }
  const values = inferShapes(model);
  const builder = graphBuilder(graph.name, { ...graph, nodes: [] });
  const layers = new Map<string, Node>();
  const merged = new Map<Node, Node>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) layers.set(output, node);
    const layer = layers.get(node.inputs[0] ?? "");
    if (node.opType !== "BatchNormalization" || node.domain !== "" || layer === undefined) continue;
    const axis = outputAxis(layer);
    const single =
      uses.get(layer.outputs[0]!) === 1 && node.outputs.filter((output) => output !== "").length === 1;
    const rank = values.get(layer.inputs[1] ?? "")?.dims?.length;
    if (axis === undefined || !single || rank === undefined || merged.has(layer)) continue;
    if (intAttribute(node.attributes, "training_mode", 0) === 1) continue;
    merged.set(layer, node);
  }
  if (merged.size === 0) return model;
  const normalizations = new Set(merged.values());
  for (const node of graph.nodes) {
    const normalization = merged.get(node);
    if (normalization) addMerged(builder, node, normalization, values.get(node.inputs[1]!)!.dims!.length);
    else if (normalizations.has(node)) {
      builder.addNode({
        ...node,
        opType: "Identity",
        inputs: node.inputs.slice(0, 1),
        outputs: node.outputs.slice(0, 1),
        attributes: {},
      });
    } else builder.addNode(node);
  }
  return { ...model, graph: { ...builder.build(), valueInfo: graph.valueInfo } };
}

/** The axis of a layer's weights along which its output channels lie; undefined for what cannot be merged. */
function outputAxis({ opType, domain, attributes }: Node): number | undefined {
  if (domain !== "") return undefined;
  if (opType === "Conv") return 0;
  if (opType === "ConvTranspose") return intAttribute(attributes, "group", 1) === 1 ? 1 : undefined;
  const plain = ["alpha", "beta"].every((key) => floatAttribute(attributes, key, 1) === 1);
  if (opType !== "Gemm" || !plain) return undefined;
  return intAttribute(attributes, "transB", 0) === 1 ? 0 : 1;
}

function addMerged(builder: GraphBuilder, layer: Node, normalization: Node, rank: number): void {
  const [x, weight, bias] = layer.inputs as [string, string, string?];
  const [, scale, shift, mean, variance] = normalization.inputs as [string, string, string, string, string];
  const add = (opType: string, inputs: readonly string[]) =>
    builder.add(opType, inputs, {}, { name: builder.fresh(`${normalization.name}/${opType}`) });
  const epsilon = builder.scalar(floatAttribute(normalization.attributes, "epsilon", 1e-5));
  const factor = add("Div", [scale, add("Sqrt", [add("Add", [variance, epsilon])])]);
  const axis = outputAxis(layer)!;
  const along = Array.from({ length: rank }, (_, k) => (k === axis ? -1 : 1));
  const scaled = add("Mul", [weight, add("Reshape", [factor, builder.int64(along)])]);
  const centred = bias ? add("Sub", [bias, mean]) : add("Neg", [mean]);
  const offset = add("Add", [add("Mul", [centred, factor]), shift]);
  builder.addNode({ ...layer, inputs: [x, scaled, offset] });
}
