import { eager, type LazyTensor, type Tensor, tensor, toBytes } from "@voxplain/core";
import { float32Weight } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";

/** [bits of a binary16, its value], from IEEE 754-2019 table 3.5 and its extremes. */
const halves: [bits: number, value: number][] = [
  [0x0000, 0],
  [0x8000, -0],
  [0x3c00, 1],
  [0xc000, -2],
  [0x3555, 0.333251953125],
  [0x7bff, 65504],
  [0x0400, 2 ** -14],
  [0x03ff, 1023 * 2 ** -24],
  [0x0200, 2 ** -15],
  [0x0001, 2 ** -24],
  [0x8001, -(2 ** -24)],
  [0x7c00, Number.POSITIVE_INFINITY],
  [0xfc00, Number.NEGATIVE_INFINITY],
  [0x7e00, Number.NaN],
];
const bfloats: [bits: number, value: number][] = [
  [0x3f80, 1],
  [0xc2f7, -123.5],
  [0x0001, 2 ** -133],
  [0x7f80, Number.POSITIVE_INFINITY],
];

const bitsOf = (pairs: [number, number][]) => Uint16Array.from(pairs, ([bits]) => bits);
const valuesOf = (pairs: [number, number][]) => pairs.map(([, value]) => value);

describe("float32Weight", () => {
  const cases: [title: string, weight: Tensor, values: number[]][] = [
    ["float16", tensor("float16", [halves.length], bitsOf(halves)), valuesOf(halves)],
    ["bfloat16", tensor("bfloat16", [bfloats.length], bitsOf(bfloats)), valuesOf(bfloats)],
    [
      "float64",
      tensor("float64", [2], Float64Array.of(0.1, -1e300)),
      [Math.fround(0.1), Number.NEGATIVE_INFINITY],
    ],
  ];

  it.each(cases)("gives %s the values of float32", async (_, weight, values) => {
    const converted = float32Weight("w", eager(weight));
    expect(converted).toMatchObject({ dtype: "float32", dims: weight.dims });
    expect(Array.from((await converted.read()).data, Number)).toEqual(values);
  });

  it.each(cases)("puts %s together again where chunks end inside an element", async (_, weight, values) => {
    const bytes = toBytes(weight);
    const torn: LazyTensor = {
      ...eager(weight),
      async *chunks() {
        for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
      },
    };
    const found: number[] = [];
    for await (const chunk of float32Weight("w", torn).chunks()) {
      found.push(...new Float32Array(chunk.slice().buffer));
    }
    expect(found).toEqual(values);
  });

  it("gives float32 back as it is", () => {
    const weight = eager(tensor("float32", [1], Float32Array.of(1)));
    expect(float32Weight("w", weight)).toBe(weight);
  });
});
