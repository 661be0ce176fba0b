import { type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { Model } from "@voxplain/onnx-graph";
import { rowsOf } from "./chunks.ts";

/** The length of the batch that a network was exported with; undefined where it takes any. */
export function fixedBatchOf({ graph }: Model, input: string): number | undefined {
  const length = graph.inputs.find(({ name }) => name === input)?.dims?.[0];
  return typeof length === "number" ? length : undefined;
}

/**
 * A batch as the network takes it: one by one where its batch has the length 1.
 * @throws VoxplainError `mismatch` for another fixed length than the batch has: its images may depend on each other.
 */
export function acceptedBatches(batch: Tensor<"float32">, fixed: number | undefined): Tensor<"float32">[] {
  const [count = 0, ...dims] = batch.dims;
  if (fixed === undefined || fixed === count) return [batch];
  if (fixed === 1) return rowsOf(batch).map((row) => tensor("float32", [1, ...dims], row));
  throw new VoxplainError(
    "mismatch",
    `the network takes batches of exactly ${fixed}, and not of ${count}: export it with a dynamic batch axis`,
  );
}

/** Results of several batches, along the first axis. */
export function joined(parts: readonly Tensor<"float32">[]): Tensor<"float32"> {
  const [first, ...others] = parts;
  if (first === undefined) throw new RangeError("there is no result to join");
  if (others.length === 0) return first;
  const rows = parts.reduce((sum, { dims }) => sum + dims[0]!, 0);
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return tensor("float32", [rows, ...first.dims.slice(1)], data);
}
