import { elementAt, type Tensor, tensor } from "@voxplain/core";
import { type Network, withFreeBatch, withoutDeadNodes } from "@voxplain/onnx-graph";
import type { Gradient, GradientOptions } from "./attribution.ts";
import { rowsOf } from "./chunks.ts";

/** A network, and whether its images have to go through it one by one. */
export interface ApartNetwork {
  readonly network: Network;
  readonly oneByOne: boolean;
}

/**
 * The network so that images of a batch do not influence each other: for batches of any length where that is proven,
 * else with a batch of 1.
 * @throws VoxplainError `unsupported` for a network that needs batches of another length than 1.
 */
export function keptApart(network: Network): ApartNetwork {
  const { model, input, logits } = network;
  const wanted = model.graph.outputs.filter(({ name }) => name === logits);
  const inputs = model.graph.inputs.filter(({ name }) => name === input);
  const graph = withoutDeadNodes({ ...model.graph, inputs, outputs: wanted });
  const trimmed = { ...model, graph };
  const { model: apart, obstacle } = withFreeBatch(trimmed);
  return {
    network: apart === trimmed ? network : { ...network, model: apart },
    oneByOne: obstacle !== undefined,
  };
}

/** A batch as the network takes it. */
export function acceptedBatches(batch: Tensor<"float32">, oneByOne: boolean): Tensor<"float32">[] {
  const [count = 0, ...dims] = batch.dims;
  if (!oneByOne || count === 1) return [batch];
  return rowsOf(batch).map((row) => tensor("float32", [1, ...dims], row));
}

/** Results of several batches, along the first axis. */
export function joined(parts: readonly Tensor<"float32">[]): Tensor<"float32"> {
  const [first, ...others] = parts;
  if (first === undefined) throw new RangeError("there is no result to join");
  if (others.length === 0) return first;
  const rows = parts.reduce((sum, { dims }) => sum + elementAt(dims, 0), 0);
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return tensor("float32", [rows, ...first.dims.slice(1)], data);
}

/** Gradients of the parts of a batch, as those of the batch. */
export function joinedGradients(
  parts: readonly Gradient[],
  batch: Tensor<"float32">,
  { layer }: GradientOptions,
): Gradient {
  const [only, ...others] = parts;
  const all = {
    gradient: joined(parts.map(({ gradient }) => gradient)),
    logits: joined(parts.map(({ logits }) => logits)),
    values: layer === undefined ? batch : joined(parts.map(({ values }) => values)),
  };
  if (others.length === 0) return { ...all, ...(only?.giveBack && { giveBack: only.giveBack }) };
  for (const { giveBack } of parts) giveBack?.();
  return all;
}
