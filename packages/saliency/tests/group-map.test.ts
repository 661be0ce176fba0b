import { tensor } from "@voxplain/core";
import { groupMean } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";

const map = (...values: number[]) => tensor("float32", [1, values.length], Float32Array.from(values));

describe("groupMean", () => {
  it("averages what was added and keeps the shape", () => {
    const mean = groupMean();
    mean.add(map(1, -2));
    mean.add(map(2, 5));
    expect(mean.mean()).toEqual(map(1.5, 1.5));
    expect(mean.count).toBe(2);
  });

  it("does not lose small values beside large ones, as float32 sums would", () => {
    const mean = groupMean();
    mean.add(map(2 ** 25));
    mean.add(map(1));
    mean.add(map(-(2 ** 25)));
    expect(mean.mean().data[0]).toBe(Math.fround(1 / 3));
  });

  it("adds what other sums hold, as if their maps had been added one after the other where nothing is rounded", () => {
    const [first, second] = [groupMean(), groupMean()];
    first.add(map(1, 2));
    first.add(map(3, 4));
    second.addSum(first.sum());
    second.addSum({ dims: [1, 2], data: Float32Array.of(5, 6), count: 1 });
    expect(second.count).toBe(3);
    expect(second.mean()).toEqual(map(3, 4));
    expect(() => second.addSum({ dims: [1, 1], data: Float64Array.of(1), count: 1 })).toThrow(
      /different shapes/,
    );
  });

  it("does not change the maps it is given", () => {
    const first = map(1, 2);
    const mean = groupMean();
    mean.add(first);
    mean.add(map(5, 5));
    expect(first).toEqual(map(1, 2));
  });

  it("refuses a map of another shape and an empty group", () => {
    const mean = groupMean();
    expect(() => mean.mean()).toThrow("there is no map to average");
    mean.add(map(1, 2));
    expect(() => mean.add(map(1))).toThrow(
      "maps of different shapes cannot be averaged: expected [1, 2], found [1, 1]",
    );
  });
});
