import { type Tensor, tensor } from "@voxplain/core";
import { normalizesByBatch } from "./batch-statistics.ts";
import { floatAttribute, type GraphBuilder, graphBuilder, intAttribute } from "./builder.ts";
import type { Model, Node, ValueInfo } from "./model.ts";
import { nodeOutput } from "./node-values.ts";
import type { OperatorName } from "./operator-name.ts";
import { inferShapes } from "./shape-inference.ts";
import { valuesUsedBy } from "./subgraphs.ts";

/**
 * Takes each BatchNormalization into the weights of the Conv, ConvTranspose or Gemm before it, whose output
 * is its input and nothing else's: s·(W·x + b − mean) + shift is s·W·x + …, with s = scale / √(variance + ε).
 * The layer's output then has the normalized values, and the normalization is an Identity. The new weights
 * are nodes on the old ones, so that weights need not be in memory; values keep their names. Where the
 * layer stands alone, is in training mode, scales its products (Gemm's alpha and beta) or is a grouped
 * ConvTranspose, its normalization stays. Results differ from those before by rounding.
 */
export function foldBatchNormalization(model: Model): Model {
  const { graph } = model;
  const uses = new Map<string, number>();
  for (const value of [...graph.nodes.flatMap(valuesUsedBy), ...graph.outputs.map(({ name }) => name)]) {
    uses.set(value, (uses.get(value) ?? 0) + 1);
  }
  const values = inferShapes(model);
  const builder = graphBuilder(graph.name, graph);
  const layers = new Map<string, Node>();
  const places = new Map<Node, number>();
  const placeOf = (node: Node) => places.get(node) ?? Number.POSITIVE_INFINITY;
  const merged = new Map<Node, Node>();
  for (const [place, node] of graph.nodes.entries()) {
    places.set(node, place);
    for (const output of node.outputs) layers.set(output, node);
    const layer = layers.get(node.inputs[0] ?? "");
    if (node.opType !== "BatchNormalization" || node.domain !== "" || layer === undefined) continue;
    const axis = outputAxis(layer);
    const single =
      uses.get(nodeOutput(layer)) === 1 && node.outputs.filter((output) => output !== "").length === 1;
    const rank = values.get(layer.inputs[1] ?? "")?.dims?.length;
    if (axis === undefined || !single || rank === undefined || merged.has(layer)) continue;
    if (normalizesByBatch(node)) continue;
    // The weights must be there where the layer stands.
    const isThere = (name: string) => {
      const producer = layers.get(name);
      return producer === undefined || placeOf(producer) < placeOf(layer);
    };
    if (!node.inputs.slice(1).every(isThere)) continue;
    merged.set(layer, node);
  }
  if (merged.size === 0) return model;
  const normalizations = new Set(merged.values());
  for (const node of graph.nodes) {
    const normalization = merged.get(node);
    const weights = values.get(node.inputs[1] ?? "");
    if (normalization && weights) addMerged(builder, node, normalization, weights);
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
  const built = builder.build();
  return { ...model, graph: { ...built, nodes: built.nodes.slice(graph.nodes.length) } };
}

/** The axis of the output channels in a layer's weights; undefined for what cannot be merged. */
function outputAxis({ opType, domain, attributes }: Node): number | undefined {
  if (domain !== "") return undefined;
  if (opType === "Conv") return 0;
  if (opType === "ConvTranspose") return intAttribute(attributes, "group", 1) === 1 ? 1 : undefined;
  const plain = ["alpha", "beta"].every((key) => floatAttribute(attributes, key, 1) === 1);
  if (opType !== "Gemm" || !plain) return undefined;
  return intAttribute(attributes, "transB", 0) === 1 ? 0 : 1;
}

function addMerged(builder: GraphBuilder, layer: Node, normalization: Node, weights: ValueInfo): void {
  const rank = weights.dims!.length;
  const [x, weight, bias] = layer.inputs as [string, string, string?];
  const [, scale, shift, mean, variance] = normalization.inputs as [string, string, string, string, string];
  const add = (opType: OperatorName, inputs: readonly string[]) =>
    builder.add(opType, inputs, {}, { name: builder.fresh(`${normalization.name}/${opType}`) });
  const constant = builder.constant(epsilonOf(normalization, weights));
  const isFloat = weights.dtype === "float32" || weights.dtype === "float64";
  const epsilon = isFloat ? constant : add("CastLike", [constant, variance]);
  const factor = add("Div", [scale, add("Sqrt", [add("Add", [variance, epsilon])])]);
  const axis = outputAxis(layer)!;
  const along = Array.from({ length: rank }, (_, k) => (k === axis ? -1 : 1));
  const scaled = add("Mul", [weight, add("Reshape", [factor, builder.int64(along)])]);
  const centred = bias ? add("Sub", [bias, mean]) : add("Neg", [mean]);
  const offset = add("Add", [add("Mul", [centred, factor]), shift]);
  builder.addNode({ ...layer, inputs: [x, scaled, offset] });
}

function epsilonOf({ attributes }: Node, { dtype }: ValueInfo): Tensor {
  const epsilon = floatAttribute(attributes, "epsilon", 1e-5);
  return dtype === "float64"
    ? tensor("float64", [], Float64Array.of(epsilon))
    : tensor("float32", [], Float32Array.of(epsilon));
}
