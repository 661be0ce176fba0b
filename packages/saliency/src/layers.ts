import { channelAxes, inferShapes, type Network } from "@voxplain/onnx-graph";
import type { Layer } from "./attribution.ts";

/** The floating-point values that depend on the input and that the logits depend on, in their order. */
export function layersBetween({ model, input, logits, inputDims }: Network): Layer[] {
  const { nodes, inputs } = model.graph;
  const batched = inputs.map((info) =>
    info.name === input ? { ...info, dims: [info.dims?.[0] ?? "batch", ...inputDims] } : info,
  );
  const sized = { ...model, graph: { ...model.graph, inputs: batched } };
  const values = inferShapes(sized);
  const channels = channelAxes(sized, 1);
  const influenced = new Set([input]);
  for (const node of nodes) {
    if (node.inputs.some((value) => influenced.has(value))) {
      for (const value of node.outputs) influenced.add(value);
    }
  }
  const needed = new Set([logits]);
  for (const node of nodes.toReversed()) {
    if (node.outputs.some((value) => needed.has(value))) for (const value of node.inputs) needed.add(value);
  }
  return nodes.flatMap((node) =>
    node.outputs
      .filter((value) => influenced.has(value) && needed.has(value) && value !== logits)
      .flatMap((name): Layer[] => {
        const info = values.get(name);
        if (info === undefined || !info.dtype.includes("float")) return [];
        const dims = info.dims?.slice(1);
        const fixed = dims?.every((length) => typeof length === "number") ? (dims as number[]) : undefined;
        const channelAxis = channels.get(name);
        return [
          { name, operator: node.opType, dims: fixed, ...(channelAxis !== undefined && { channelAxis }) },
        ];
      }),
  );
}
