import { minMaxInPlace } from "@voxplain/caps-io";
import { describe, expect, it } from "vitest";

/** Step by step as PyTorch does it, each rounded to float32. */
function reference(values: readonly number[]): number[] {
  const finite = values.map(Math.fround);
  const low = Math.min(...finite) + 0;
  const range = Math.fround(Math.max(...finite) - low);
  return finite.map((value) => Math.fround(Math.fround(value - low) / range));
}

describe("minMaxInPlace", () => {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const head = Array.from({ length: 203 }, (_, k) => (k < 50 || k > 160 ? 0 : 1 + 300 * random()));

  it.each([
    ["a head in air", head],
    ["a head in air, and the smallest value is below 0", head.map((value, k) => (k === 90 ? -3 : value))],
    ["values below 0 around zeros", head.map((value) => -value)],
    ["numbers of all sizes and both signs", head.map(() => (random() - 0.5) * 10 ** (60 * random() - 30))],
    ["zeros of both signs", [...head, -0, -0, -0, -0, 0]],
    ["no zeros", head.map((value) => value + 1)],
    ["three values", [2, 0, 5]],
  ])("is (x − min) / (max − min) in float32: %s", (_, values) => {
    const data = Float32Array.from([9, ...values]).subarray(1);
    expect(minMaxInPlace(data)).toBe(false);
    expect([...data]).toEqual(reference(values));
  });

  it.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "leaves NaN where there is %s",
    (infinity) => {
      const data = Float32Array.from([...head, infinity]);
      expect(minMaxInPlace(data)).toBe(false);
      expect(data.some(Number.isNaN)).toBe(true);
    },
  );

  it.each([Number.NaN, -Number.NaN])("makes everything NaN where one value is", (nan) => {
    const data = Float32Array.from([...head, nan, 1]);
    expect(minMaxInPlace(data)).toBe(false);
    expect(data.every(Number.isNaN)).toBe(true);
  });

  it.each([[[0, 0, 0, 0, 0]], [[4, 4]], [[0, -0, 0, 0]]])("makes a constant image zero: %j", (values) => {
    const data = Float32Array.from(values);
    expect(minMaxInPlace(data)).toBe(true);
    expect(data.every((value) => value === 0)).toBe(true);
  });
});
