import { describe, expect, it } from "vitest";
import { quantiles, sortedValues } from "../../src/pictures/quantiles.ts";
import { headWindow, robustLimit, strongestIndex } from "../../src/pictures/windowing.ts";
import { jsonFixture } from "../fixture.ts";

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

describe("headWindow", () => {
  it("looks at the head and not at the air around it, however much there is", () => {
    const head = Float32Array.from({ length: 1000 }, (_, n) => 400 + n);
    const anatomy = new Float32Array(5000);
    anatomy.set(head, 2000);
    // 2 % and 99.5 % of ranks 0 to 999, floored: 19 and 994.
    expect(headWindow(anatomy)).toEqual({ low: 419, high: 1394 });
  });

  it.each([
    ["is 0", 0],
    ["is the same everywhere", 7],
  ])("is finite for an image that %s", (_, value) => {
    const { low, high } = headWindow(new Float32Array(50).fill(value));
    expect(low).toBe(value);
    expect(high).toBe(value);
  });

  it("is finite for an image without a finite value", () => {
    expect(headWindow(new Float32Array(3).fill(Number.NaN))).toEqual({ low: 0, high: 1 });
  });
});

describe("robustLimit", () => {
  it("is the 99.9th percentile of |map| with two digits", () => {
    const map = Float32Array.from({ length: 10001 }, (_, n) => (n % 2 === 0 ? n : -n) * 1e-6);
    expect(robustLimit(map)).toBe(0.01);
    expect(robustLimit(map.map((value) => value * 1.2345))).toBe(0.012);
  });

  it("is the largest value of a map that is 0 nearly everywhere, and 1 of one that is 0", () => {
    const map = new Float32Array(5000);
    expect(robustLimit(map)).toBe(1);
    map[17] = -0.25;
    expect(robustLimit(map)).toBe(0.25);
  });
});

describe("strongestIndex", () => {
  it("is that of the largest |value|, the first in scan order", () => {
    expect(strongestIndex(Float32Array.of(1, -3, 3, Number.NaN, Number.NEGATIVE_INFINITY))).toBe(1);
  });

  it("is undefined where nothing is finite", () => {
    expect(strongestIndex(Float32Array.of(Number.NaN))).toBeUndefined();
  });
});
