import { graphBuilder, intsAttribute, type Node } from "@voxplain/onnx-graph";
import type { OnnxFile } from "./onnx-network.ts";

/** Operators on single elements, which Keras's preprocessing layers become. */
const onElements = new Set(["Add", "Cast", "Clip", "Div", "Identity", "Max", "Min", "Mul", "Neg", "Sub"]);

/**
 * The network with its channels in front, [batch, C, …], where it takes them last, [batch, …, C], as Keras
 * exports; otherwise the same. It is recognized by the transpositions behind its input.
 */
export function channelsFirst(file: OnnxFile): OnnxFile {
  const { graph } = file.model;
  const [input, ...others] = graph.inputs;
  const rank = input?.dims?.length ?? 0;
  if (input?.dims === undefined || others.length > 0 || rank < 4) return file;
  if (!isTurned(graph.nodes, input.name, rank)) return file;

  const builder = graphBuilder(graph.name, { ...graph, nodes: [] });
  const last = builder.fresh(`${input.name}/channels_last`);
  const perm = [0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2), 1];
  builder.add("Transpose", [input.name], { perm }, { outputs: [last], name: last });
  const nodes = graph.nodes.map((node): Node => {
    return { ...node, inputs: node.inputs.map((value) => (value === input.name ? last : value)) };
  });
  const [batch = null, ...lengths] = input.dims;
  const dims = [batch, lengths.at(-1) ?? null, ...lengths.slice(0, -1)];
  const turned = { ...graph, inputs: [{ ...input, dims }], nodes: [...builder.build().nodes, ...nodes] };
  return { ...file, model: { ...file.model, graph: turned } };
}

/** Whether all that is done with a value is to put its last axis behind the batch, after operators on single elements. */
function isTurned(nodes: readonly Node[], image: string, rank: number): boolean {
  const turn = [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 1)].join();
  const scaled = new Set([image]);
  let turns = 0;
  // In their order, which is that of the computation.
  for (const { opType, domain, attributes, inputs, outputs } of nodes) {
    // Subgraphs could use the image without naming it here.
    if (Object.values(attributes).some((one) => "graph" in one || "graphs" in one)) return false;
    if (!inputs.some((value) => scaled.has(value))) continue;
    if (domain !== "") return false;
    if (onElements.has(opType)) scaled.add(outputs[0]!);
    else if (opType === "Transpose" && intsAttribute(attributes, "perm", []).join() === turn) turns++;
    else return false;
  }
  return turns > 0;
}
