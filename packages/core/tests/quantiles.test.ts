import { quantiles, sortedValues } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { jsonFixture } from "./fixture.ts";

describe("quantiles", () => {
  const sample = jsonFixture("quantiles.json") as {
    readonly values: number[];
    readonly fractions: number[];
    readonly quantiles: number[];
  };

  it("are numpy's, lower neighbour, with ties and outliers", () => {
    expect(quantiles(sortedValues(Float32Array.from(sample.values)), sample.fractions)).toEqual(
      sample.quantiles,
    );
  });

  it("leave out what is not finite", () => {
    const holes = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -Number.NaN];
    const values = Float32Array.from([...holes, ...sample.values, ...holes]);
    expect(quantiles(sortedValues(values), sample.fractions)).toEqual(sample.quantiles);
  });

  it("count only what is above a threshold", () => {
    expect(quantiles(sortedValues(Float32Array.of(5, 1, 2, 3, 4)), [0, 0.5, 1], 2)).toEqual([3, 4, 5]);
  });

  it("are NaN of nothing", () => {
    expect(quantiles(sortedValues(new Float32Array(0)), [0.5])).toEqual([Number.NaN]);
    expect(quantiles(sortedValues(Float32Array.of(Number.NaN)), [0, 1])).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("sortedValues", () => {
  // Any bits: numbers of all sizes, zeros of both signs, the infinities and NaNs.
  let state = 1;
  const bits = Uint32Array.from({ length: 5000 }, (_, n) => {
    state = Math.imul(state, 1664525) + 1013904223;
    return n % 50 === 0 ? [0, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000][(n / 50) % 5]! : state;
  });
  const values = new Float32Array(bits.buffer);

  it.each([
    ["signed", (value: number) => value],
    ["absolute", Math.abs],
  ] as const)("has the ranks that sorting gives: %s", (order, keyOf) => {
    const reference = values.filter(Number.isFinite).map(keyOf).sort();
    const sorted = sortedValues(values, order);
    expect(sorted.count).toBe(reference.length);
    const ranks = Array.from(reference.keys()).filter((rank) => rank % 13 === 0);
    expect(sorted.at(ranks)).toEqual(ranks.map((rank) => reference[rank]!));
    for (const limit of [0, 1e-20, 3.5e12, ...(order === "signed" ? [-2e-7, -1e30] : [])]) {
      const upTo = reference.filter((value) => value <= limit).length;
      expect(sorted.countUpTo(limit)).toBe(upTo);
    }
  });
});
