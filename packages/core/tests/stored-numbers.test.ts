// How numbers are stored in files: half precision, byte order, strides.
import { float32Values, gather, swapBytes, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";

describe("float32Values", () => {
  it("gives all 65,536 half-precision values exactly", () => {
    const bits = Uint16Array.from({ length: 2 ** 16 }, (_, k) => k);
    const values = float32Values(tensor("float16", [bits.length], bits));
    // IEEE 754: sign, 5 bits of exponent with a bias of 15, 10 bits of fraction.
    const expected = Array.from(bits, (half) => {
      const sign = half >= 0x8000 ? -1 : 1;
      const exponent = Math.floor(half / 1024) % 32;
      const fraction = (half % 1024) / 1024;
      if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
      return sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15));
    });
    expect(Array.from(values)).toEqual(expected);
  });

  it("takes bfloat16 for the upper half of a float32", () => {
    const values = float32Values(tensor("bfloat16", [3], Uint16Array.of(0x3f80, 0xc040, 0x7f80)));
    expect(Array.from(values)).toEqual([1, -3, Number.POSITIVE_INFINITY]);
  });

  it("rounds wider types once", () => {
    const wide = float32Values(tensor("float64", [2], Float64Array.of(0.1, 2 ** 24 + 1)));
    expect(Array.from(wide)).toEqual([Math.fround(0.1), 2 ** 24]);
    const whole = float32Values(tensor("int64", [2], BigInt64Array.of(-5n, 2n ** 40n)));
    expect(Array.from(whole)).toEqual([-5, 2 ** 40]);
  });

  it("does not copy what is float32 already", () => {
    const data = Float32Array.of(1, 2);
    expect(float32Values(tensor("float32", [2], data))).toBe(data);
  });
});

describe("swapBytes", () => {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);

  it.each([
    [1, [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [2, [2, 1, 4, 3, 6, 5, 8, 7, 9]],
    [4, [4, 3, 2, 1, 8, 7, 6, 5, 9]],
    [8, [8, 7, 6, 5, 4, 3, 2, 1, 9]],
  ])("reverses elements of %d bytes, and leaves what follows the last whole one", (size, expected) => {
    expect(Array.from(swapBytes(bytes, size))).toEqual(expected);
  });

  it("is a copy, also of a view of a Node Buffer", () => {
    const buffer = Buffer.from([0, 1, 2, 3]);
    expect(Array.from(swapBytes(buffer.subarray(1, 3), 2))).toEqual([2, 1]);
    expect(Array.from(buffer)).toEqual([0, 1, 2, 3]);
  });
});

describe("gather", () => {
  const values = Float32Array.from({ length: 6 }, (_, k) => k);

  it("reads columns as rows", () => {
    expect(Array.from(gather("float32", values, [2, 3], [1, 2]))).toEqual([0, 2, 4, 1, 3, 5]);
  });

  it("repeats values along a stride of 0", () => {
    expect(Array.from(gather("float32", values, [2, 3], [0, 1]))).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it("gives the single value of a scalar, and nothing for an empty shape", () => {
    expect(Array.from(gather("float32", values, [], []))).toEqual([0]);
    expect(Array.from(gather("float32", values, [2, 0], [3, 1]))).toEqual([]);
  });

  it("refuses strides that lead out of the values", () => {
    expect(() => gather("float32", values, [2, 3], [3, 2])).toThrow(RangeError);
  });
});
