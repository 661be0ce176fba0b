import { agreement, meanMap, typicality } from "@voxplain/group-analysis";
import { expect, it } from "vitest";
import { testRandom } from "./random.ts";

const voxels = 500;
const pattern = Float32Array.from({ length: voxels }, (_, v) => Math.sin(v));
const random = testRandom(7);
const noisy = (noise: number, scale: number) =>
  pattern.map((value) => scale * (value + noise * (random() - 0.5)));

it("is the correlation of each map with the mean of all the others, each divided by its mean size", async () => {
  const maps = [noisy(0.5, 1), noisy(1, 300), noisy(4, 0.02)];
  const { correlation, mean, strength } = await typicality(() => maps);
  const scaled = maps.map((map, k) => map.map((value) => value / (strength[k] ?? Number.NaN)));
  for (const [k, map] of maps.entries()) {
    const others = await meanMap(scaled.filter((_, other) => other !== k));
    expect(correlation[k]).toBeCloseTo(agreement(map, others).pearson ?? Number.NaN, 5);
    expect(strength[k]).toBeCloseTo(map.reduce((sum, value) => sum + Math.abs(value), 0) / voxels, 6);
  }
  expect(mean).toEqual(await meanMap(maps));
});

it("puts the map without the common pattern last, however strong it is", async () => {
  const odd = Float32Array.from({ length: voxels }, () => 1e6 * (random() - 0.5));
  const { correlation } = await typicality(() => [noisy(1, 1), odd, noisy(1, 2), noisy(1, 3)]);
  const others = correlation.filter((_, k) => k !== 1).map((value) => value ?? Number.NaN);
  expect(correlation[1]).toBeLessThan(Math.min(...others));
});

it("leaves missing voxels out, and has no correlation for maps of zeros and for a single map", async () => {
  const [a, b] = [noisy(1, 1), noisy(1, 1)];
  const full = await typicality(() => [a, b]);
  const holed = await typicality(() => [a.with(0, Number.NaN), b.with(1, Number.POSITIVE_INFINITY)]);
  expect(full.correlation[0]).toBeCloseTo(agreement(a, b).pearson ?? Number.NaN, 6);
  expect(holed.correlation[0]).toBeCloseTo(agreement(a.subarray(2), b.subarray(2)).pearson ?? Number.NaN, 6);
  expect((await typicality(() => [a, new Float32Array(voxels), b])).correlation[1]).toBeNull();
  expect((await typicality(() => [a, new Float32Array(voxels).fill(0.1), b])).correlation[1]).toBeNull();
  expect((await typicality(() => [a])).correlation).toEqual([null]);
});
