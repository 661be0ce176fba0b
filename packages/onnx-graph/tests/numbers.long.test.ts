import { decodeModel } from "@voxplain/onnx-graph";
import { expect, it } from "vitest";

it("a list of numbers without end is refused before it ends the program", () => {
  // model.graph.initializer.dims: 120 million zeros, a byte each.
  const numbers = 120_000_000;
  const field = (number: number, length: number) => [number * 8 + 2, ...varint(length)];
  const dims = field(1, numbers);
  const initializer = field(5, dims.length + numbers);
  const graph = field(7, initializer.length + dims.length + numbers);
  const head = [...graph, ...initializer, ...dims];
  const bytes = new Uint8Array(head.length + numbers);
  bytes.set(head);
  expect(() => decodeModel(bytes)).toThrow("it has more than 67108864 numbers outside of raw data");
});

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 0x80, ...varint(Math.floor(value / 128))];
}
