import { type GraphBuilder, graphBuilder, stringAttribute } from "./builder.ts";
import type { Graph, Initializer, Node } from "./model.ts";
import { nodeInput, nodeOutput } from "./node-values.ts";

/**
 * The zero to pad with in front of a max-pooling: −0.
 *
 * ONNX Runtime (seen in 1.30) merges Pad into the MaxPool behind it (Pad_Fusion, microsoft/onnxruntime
 * #18136) when the padding value is absent or has no bit set. But MaxPool ignores what it pads, so a
 * zero that should win over negative values is lost. −0 is no different to any computation, and it has
 * a bit set.
 */
export function paddingZero(graph: GraphBuilder): string {
  return graph.scalar(-0);
}

/** Spells the zeros that way wherever an exported network pads before it pools. */
export function keepZeroPadding(graph: Graph): Graph {
  const pooled = new Set(
    graph.nodes.filter(({ opType }) => opType === "MaxPool").map((node) => nodeInput(node, 0)),
  );
  const values = new Map<string, Initializer>(graph.initializers);
  for (const node of graph.nodes) {
    const value = node.opType === "Constant" ? node.attributes.value : undefined;
    if (value !== undefined && "tensor" in value) values.set(nodeOutput(node), value.tensor);
  }
  const padsZeros = ({ opType, domain, inputs, outputs: [output = ""], attributes }: Node) =>
    opType === "Pad" &&
    domain === "" &&
    // Before operator set 11 the amounts and the value were attributes.
    inputs.length >= 2 &&
    pooled.has(output) &&
    stringAttribute(attributes, "mode", "constant") === "constant" &&
    isZero(values, inputs[2] ?? "");
  if (!graph.nodes.some(padsZeros)) return graph;
  const builder = graphBuilder(graph.name, graph);
  const zero = paddingZero(builder);
  const nodes = graph.nodes.map((node): Node => {
    if (!padsZeros(node)) return node;
    const [data = "", pads = "", , ...axes] = node.inputs;
    return { ...node, inputs: [data, pads, zero, ...axes] };
  });
  return { ...builder.build(), nodes };
}

/** Whether a value is a constant +0, or left out, which means the same. */
function isZero(values: ReadonlyMap<string, Initializer>, value: string): boolean {
  if (value === "") return true;
  const found = values.get(value);
  if (found === undefined || !("data" in found) || found.dtype !== "float32") return false;
  return found.data.every((element) => Object.is(element, 0));
}
