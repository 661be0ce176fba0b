import {
  bytesPerElement,
  type DType,
  eager,
  fromBytes,
  rowMajorStrides,
  tensor,
  toBytes,
} from "@voxplain/core";
import { describe, expect, it } from "vitest";

describe("a tensor", () => {
  it("refuses data that does not fill its shape", () => {
    expect(() => tensor("float32", [2, 3], new Float32Array(5))).toThrow(
      "a tensor of shape [2, 3] needs 6 elements, not 5",
    );
  });

  it("holds one element when it has no axes and none when an axis is empty", () => {
    expect(tensor("float32", [], Float32Array.of(7)).data[0]).toBe(7);
    expect(tensor("float32", [3, 0], new Float32Array()).data.length).toBe(0);
  });

  it("steps row by row", () => {
    expect(rowMajorStrides([2, 3, 5])).toEqual([15, 5, 1]);
    expect(rowMajorStrides([])).toEqual([]);
  });
});

describe("bytes of a tensor", () => {
  const sizes: [DType, number][] = [
    ["float64", 8],
    ["float32", 4],
    ["float16", 2],
    ["bfloat16", 2],
    ["int64", 8],
    ["int8", 1],
    ["bool", 1],
  ];
  it.each(sizes)("%s takes %d bytes an element", (dtype, size) => {
    expect(bytesPerElement(dtype)).toBe(size);
  });

  it("are seen as elements wherever they start", () => {
    const bytes = new Uint8Array(13);
    bytes.set(toBytes(tensor("float32", [3], Float32Array.of(1, -2, 3))), 1);
    expect(Array.from(fromBytes("float32", bytes.subarray(1)))).toEqual([1, -2, 3]);
    expect(Array.from(fromBytes("float32", bytes.subarray(5, 13)))).toEqual([-2, 3]);
  });

  it("are refused when they are not a whole number of elements", () => {
    expect(() => fromBytes("float32", new Uint8Array(7))).toThrow(RangeError);
  });

  it("come from a view without its neighbours", async () => {
    const all = Float32Array.of(0, 1, 2, 3);
    const middle = tensor("float32", [2], all.subarray(1, 3));
    const chunks = [];
    for await (const chunk of eager(middle).chunks()) chunks.push(chunk);
    expect(chunks).toEqual([new Uint8Array(Float32Array.of(1, 2).buffer)]);
  });
});
