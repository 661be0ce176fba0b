import { graphBuilder } from "../builder.ts";
import type { Model } from "../model.ts";
import { inferKnown } from "../shape-inference.ts";
import { batchAxis } from "./batch-axis.ts";
import { keptApart } from "./kept-apart.ts";

/**
 * The model with a symbol for the length of its batch, and with the lengths of its inner values stated, also where a
 * reshape made one axis of the images and others: "3·batch" for three rows of every image in which the images come one
 * behind another, "batch·3" for the rows of each image together. See `batchAxis`.
 * @param model one whose images provably do not depend on each other, as `withFreeBatch` gives it.
 */
export function withBatchLengths(model: Model, symbol = "batch"): Model {
  const { graph } = model;
  const inputs = graph.inputs.map((input) => ({ ...input, dims: input.dims?.with(0, symbol) }));
  const outputs = graph.outputs.map((output) => ({ ...output, dims: undefined }));
  const stripped = { ...model, graph: { ...graph, inputs, outputs, valueInfo: [] } };
  const builder = graphBuilder(graph.name, graph);
  const known = inferKnown(stripped, (node, ...[given, found]) => {
    try {
      if (!given.some((input) => batchAxis(input, symbol) !== undefined)) return found;
      // Where no length counts the images that the file was exported with, no node changes.
      return keptApart(builder, node, given, found, { fixed: undefined, symbol }).outputs;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return found;
    }
  });
  const named = new Set(outputs.map(({ name }) => name));
  const computed = graph.nodes
    .flatMap((node) => node.outputs)
    .filter((name) => name !== "" && !named.has(name));
  const info = (name: string) => ({ name, dtype: known.get(name)!.dtype, dims: known.get(name)!.dims });
  return {
    ...stripped,
    graph: {
      ...stripped.graph,
      outputs: outputs.map(({ name }) => info(name)),
      valueInfo: computed.map(info),
    },
  };
}
