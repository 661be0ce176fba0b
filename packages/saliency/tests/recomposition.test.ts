import { recomposition } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";

const box = (start: number[], size: number[], mask?: number[]) => ({
  start,
  size,
  ...(mask && { mask: Uint8Array.from(mask) }),
});

describe("recomposition", () => {
  it("puts a map into its box, the last axis fastest, and leaves the rest 0", () => {
    const whole = recomposition([2, 3, 4]);
    whole.add(Float32Array.of(1, 2, 3, 4), box([1, 1, 2], [1, 2, 2]));
    // biome-ignore format: a plane per line
    expect([...whole.mean().data]).toEqual([
      0, 0, 0, 0,  0, 0, 0, 0,  0, 0, 0, 0,
      0, 0, 0, 0,  0, 0, 1, 2,  0, 0, 3, 4,
    ]);
    expect(whole.mean().dims).toEqual([2, 3, 4]);
    expect([...whole.coverage().data].reduce((sum, count) => sum + count)).toBe(4);
  });

  it("takes the mean where maps overlap, and counts them", () => {
    const whole = recomposition([1, 1, 5]);
    whole.add(Float32Array.of(1, 2, 3), box([0, 0, 0], [1, 1, 3]));
    whole.add(Float32Array.of(10, 20, 30), box([0, 0, 1], [1, 1, 3]));
    whole.add(Float32Array.of(100), box([0, 0, 2], [1, 1, 1]));
    expect([...whole.mean().data]).toEqual([1, 6, 41, 30, 0].map(Math.fround));
    expect([...whole.coverage().data]).toEqual([1, 2, 3, 1, 0]);
  });

  it("counts what is outside a mask neither in the mean nor in the coverage", () => {
    const whole = recomposition([1, 2, 3]);
    whole.add(Float32Array.of(1, 99, 2, 99), box([0, 0, 1], [1, 2, 2], [1, 0, 1, 0]));
    whole.add(Float32Array.of(4, 5), box([0, 0, 1], [1, 1, 2]));
    expect([...whole.mean().data]).toEqual([0, 2.5, 5, 0, 2, 0]);
    expect([...whole.coverage().data]).toEqual([0, 2, 1, 0, 1, 0]);
  });

  it("adds what another one holds, with how many maps cover each voxel", () => {
    const [first, second] = [recomposition([1, 1, 3]), recomposition([1, 1, 3])];
    first.add(Float32Array.of(1, 2), box([0, 0, 0], [1, 1, 2]));
    second.add(Float32Array.of(4, 5), box([0, 0, 1], [1, 1, 2]));
    second.addSum(first.sum());
    expect([...second.mean().data]).toEqual([1, 3, 5]);
    expect([...second.coverage().data]).toEqual([1, 2, 1]);
    expect(() => second.addSum(recomposition([1, 1, 2]).sum())).toThrow(
      "maps on different grids cannot be averaged: expected 1×1×3, found 1×1×2",
    );
  });

  it("is exact in float32 and bytes as long as no maps overlap, and goes on in float64", () => {
    const whole = recomposition([1, 1, 4]);
    whole.add(Float32Array.of(1, -0), box([0, 0, 0], [1, 1, 2]));
    whole.add(Float32Array.of(2 ** 25), box([0, 0, 3], [1, 1, 1]));
    expect(whole.sum()).toMatchObject({
      sum: Float32Array.of(1, 0, 0, 2 ** 25),
      coverage: Uint8Array.of(1, 1, 0, 1),
    });
    whole.add(Float32Array.of(3, 1), box([0, 0, 2], [1, 1, 2]));
    expect(whole.sum()).toMatchObject({
      sum: Float64Array.of(1, 0, 3, 2 ** 25 + 1),
      coverage: Uint32Array.of(1, 1, 1, 2),
    });
    whole.clear();
    whole.add(Float32Array.of(5), box([0, 0, 1], [1, 1, 1]));
    expect([...whole.mean().data]).toEqual([0, 5, 0, 0]);
    expect([...whole.coverage().data]).toEqual([0, 1, 0, 0]);
  });

  it("has the same sum of several, however each of them is held", () => {
    const [one, other, all] = [recomposition([1, 1, 3]), recomposition([1, 1, 3]), recomposition([1, 1, 3])];
    one.add(Float32Array.of(2 ** 25, 1), box([0, 0, 0], [1, 1, 2]));
    for (const value of [1, 1]) other.add(Float32Array.of(value), box([0, 0, 0], [1, 1, 1]));
    for (const part of [one, other]) all.addSum(part.sum());
    expect(all.sum()).toMatchObject({
      sum: Float64Array.of(2 ** 25 + 2, 1, 0),
      coverage: Uint32Array.of(3, 1, 0),
    });
  });

  it("sums in float64: small maps are not lost beside large ones", () => {
    const whole = recomposition([1, 1, 1]);
    const one = box([0, 0, 0], [1, 1, 1]);
    for (const value of [2 ** 25, 1, 1, -(2 ** 25)]) whole.add(Float32Array.of(value), one);
    expect([...whole.mean().data]).toEqual([0.5]);
  });

  it.each([
    ["leaves the image", [1, 2], box([0, 0, 2], [1, 1, 2])],
    ["begins before it", [1], box([0, 0, -1], [1, 1, 1])],
    ["has another number of values than its box", [1], box([0, 0, 0], [1, 1, 2])],
    ["is of a plane without its third axis", [1, 2], box([0, 0], [1, 2])],
  ])("refuses a map that %s", (_, values, place) => {
    expect(() => recomposition([1, 2, 3]).add(Float32Array.from(values), place)).toThrow(
      /cannot be put into the box/,
    );
  });
});
