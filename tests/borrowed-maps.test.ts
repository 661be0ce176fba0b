// Maps in the memory of a network: each is right while it is looked at.
import { createHash } from "node:crypto";
import { elementCount, type Tensor, tensor } from "@voxplain/core";
import { nodeRuntime } from "@voxplain/runtime-node";
import { absolute, differentiableModel, explain, gradients } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { blockNetwork } from "./block-networks.ts";

/** Large enough, at 4.5 MB, that each goes through the network alone. */
const shape = [104, 104, 104] as const;
const inputDims = [1, ...shape];
const model = blockNetwork({ image: shape, channels: [1, 4, 6], batch: "batch" });
const numbers = [1, 2, 3, 4, 5];

const runtime = nodeRuntime({ executionProvider: "cpu", threads: 2 });
const valuesOf = (seed: number) =>
  Float32Array.from({ length: elementCount(shape) }, (_, k) => Math.sin(k * (1.7 + seed)) + 0.3);
const items = numbers.map((seed) => ({
  name: `image ${seed}`,
  input: tensor("float32", inputDims, valuesOf(seed)),
}));

/** Comparing a million numbers one by one takes seconds. */
const bits = (values: Float32Array) =>
  createHash("sha256").update(new Uint8Array(values.slice().buffer)).digest("hex");
const isShared = ({ data }: Tensor) => data.buffer instanceof SharedArrayBuffer;

describe("explain with borrow", () => {
  const network = { model, input: "x", logits: "logits", inputDims, classCount: 2 };

  it("gives maps in memory of the network, which are right until the next one is asked for", async () => {
    const differentiable = differentiableModel(network, runtime);
    const own: Tensor<"float32">[] = [];
    for await (const { map } of explain(differentiable, items, {
      method: gradients,
      target: 1,
      batchSize: 1,
    }))
      own.push(map);
    expect(own.map(isShared)).toEqual(numbers.map(() => false));
    const seen: [string, boolean][] = [];
    const options = { method: gradients, target: 1, batchSize: 1, borrow: true };
    for await (const { map } of explain(differentiable, items, options)) {
      // The network computes the next map meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 100));
      seen.push([bits(map.data), isShared(map)]);
    }
    expect(seen.map(([found]) => found)).toEqual(own.map(({ data }) => bits(data)));
    // The one behind a map that is looked at may be a copy.
    expect(seen[0]?.[1]).toBe(true);
    await differentiable.release();
  });

  it("gives maps that belong to the caller where a method makes them from the gradient", async () => {
    const differentiable = differentiableModel(network, runtime);
    const options = { method: absolute(gradients), target: 1, batchSize: 1, borrow: true };
    const maps: Tensor<"float32">[] = [];
    for await (const { map } of explain(differentiable, items, options)) maps.push(map);
    expect(maps.map(isShared)).toEqual(numbers.map(() => false));
    expect(new Set(maps.map(({ data }) => bits(data))).size).toBe(numbers.length);
    expect(maps.every(({ data }) => data.every((value) => value >= 0))).toBe(true);
    await differentiable.release();
  });
});
