import { type LazyTensor, type RangeReader, tensor } from "@voxplain/core";
import {
  decodeModel,
  encodeModel,
  graphBuilder,
  isInMemory,
  type Model,
  modelOf,
} from "@voxplain/onnx-graph";
import { expect, it } from "vitest";

const gibibyte = 2 ** 30;

/** A weight of whole gibibytes, of which only asked-for pieces ever exist; counts what is asked for. */
function imagined(name: string, gibibytes: number, log: string[]): LazyTensor {
  const read = () => Promise.reject(new Error(`${name} was read as a whole`));
  return {
    dtype: "float32",
    dims: [gibibytes, gibibyte / 4],
    read,
    async *chunks() {
      log.push(name);
      const piece = new Uint8Array(gibibyte / 4).fill(name.charCodeAt(0));
      for (let k = 0; k < gibibytes * 4; k++) yield piece;
    },
  };
}

function largeModel(log: string[]): Model {
  const graph = graphBuilder("large");
  graph.input("x", "float32", ["batch", gibibyte / 4]);
  for (const [name, size] of [
    ["a", 1],
    ["b", 3],
    ["c", 2],
  ] as const) {
    graph.initializer(name, imagined(name, size, log));
    const sum = graph.add(
      "ReduceSum",
      [graph.add("Add", ["x", graph.add("Gather", [name, graph.int64([0])])])],
      {
        keepdims: 0,
      },
    );
    graph.output(sum, "float32", []);
  }
  graph.initializer("last", tensor("float32", [256], new Float32Array(256).fill(0.5)));
  graph.output(graph.add("Identity", ["last"]), "float32", [256]);
  return modelOf(graph.build());
}

it("6 GB of weights go beside a small protobuf, without one of them being read", async () => {
  const log: string[] = [];
  const { proto, externalData } = await encodeModel(largeModel(log));
  expect(log).toEqual([]);
  expect(proto.byteLength).toBeLessThan(2000);
  expect(externalData).toMatchObject([{ location: "weights.bin", byteLength: 6 * gibibyte + 1024 }]);
});

it("they are streamed in pieces, and what the model refers to comes at its offset, beyond 4 GB too", async () => {
  const log: string[] = [];
  const { proto, externalData } = await encodeModel(largeModel(log));
  // A file that is never whole: where each piece begins, and its first byte.
  const starts: [number, number][] = [];
  let length = 0;
  for await (const piece of externalData[0]!.chunks()) {
    starts.push([length, piece[0]!]);
    length += piece.byteLength;
  }
  expect(length).toBe(externalData[0]!.byteLength);
  expect(log).toEqual(["a", "b", "c"]);

  const reads: [number, number][] = [];
  const file: RangeReader = {
    byteLength: length,
    async read(offset, count) {
      reads.push([offset, count]);
      return new Uint8Array(count).fill(starts.findLast(([start]) => start <= offset)![1]);
    },
  };
  const { initializers } = decodeModel(proto, { externalData: () => file }).graph;
  for (const [name, offset] of [
    ["a", 0],
    ["b", gibibyte],
    ["c", 4 * gibibyte],
    ["last", 6 * gibibyte],
  ] as const) {
    const weight = initializers.get(name)!;
    if (isInMemory(weight)) throw new Error(`${name} is in memory`);
    for await (const piece of weight.chunks()) {
      if (name !== "last") expect(piece[0]).toBe(name.charCodeAt(0));
      // Some megabytes at a time.
      expect(piece.byteLength).toBeLessThanOrEqual(2 ** 23);
      break;
    }
    expect(reads.at(-1)![0]).toBe(offset);
  }
});
