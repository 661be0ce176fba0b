import { identityAffine } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { type Connectivity, clusters, tfce } from "../src/index.ts";
import { nearlyNormal, testRandom } from "./random.ts";

type Shape = readonly [number, number, number];

/** Components of a set of voxels by flooding, without anything that the package does. */
function components(inside: ReadonlySet<number>, [, ny, nz]: Shape, connectivity: Connectivity): number[][] {
  const left = new Set(inside);
  const found: number[][] = [];
  const at = (index: number) => [Math.floor(index / (ny * nz)), Math.floor(index / nz) % ny, index % nz];
  const touch = (one: number, other: number) => {
    const steps = at(one).map((value, axis) => Math.abs(value - at(other)[axis]!));
    const sum = steps.reduce((a, b) => a + b);
    return Math.max(...steps) === 1 && sum <= { 6: 1, 18: 2, 26: 3 }[connectivity];
  };
  while (left.size > 0) {
    const first = left.values().next().value!;
    left.delete(first);
    const members = [first];
    for (const member of members) {
      for (const other of left) {
        if (!touch(member, other)) continue;
        left.delete(other);
        members.push(other);
      }
    }
    found.push(members);
  }
  return found;
}

/** TFCE of the positive side: components at every distinct value, and the integral between two of them. */
function bruteForce(
  t: readonly number[],
  voxels: readonly number[],
  shape: Shape,
  connectivity: Connectivity,
  E: number,
  H: number,
): number[] {
  const heights = [...new Set(t.filter((value) => value > 0))].sort((a, b) => a - b);
  const result = new Array<number>(t.length).fill(0);
  const placeOf = new Map(voxels.map((index, v) => [index, v]));
  heights.forEach((height, k) => {
    const below = k > 0 ? heights[k - 1]! : 0;
    const inside = new Set(voxels.filter((_, v) => t[v]! >= height));
    for (const members of components(inside, shape, connectivity)) {
      const more = (members.length ** E * (height ** (H + 1) - below ** (H + 1))) / (H + 1);
      for (const index of members) result[placeOf.get(index)!]! += more;
    }
  });
  return result;
}

/** A random part of a grid, and values with many ties. float32, so that heights are the same in both. */
function randomMap(seed: number, shape: Shape) {
  const random = testRandom(seed);
  const total = shape[0] * shape[1] * shape[2];
  const voxels = Array.from({ length: total }, (_, index) => index).filter(() => random() < 0.85);
  const t = voxels.map(() => {
    const value = nearlyNormal(random);
    return Math.fround(random() < 0.5 ? Math.round(2 * value) / 2 : value);
  });
  return { voxels, t };
}

const cases = ([6, 18, 26] as const).flatMap((connectivity) =>
  (
    [
      [7, 6, 5],
      [1, 9, 8],
      [5, 1, 9],
      [4, 4, 4],
      [1, 1, 20],
      [9, 8, 1],
    ] as const
  ).map((shape, seed) => ({
    connectivity,
    shape,
    seed: seed + connectivity,
    E: seed % 2 === 0 ? 0.5 : 0.6,
    H: seed % 2 === 0 ? 2 : 1.5,
  })),
);

describe.each(cases)(
  "connectivity $connectivity, shape $shape, E $E, H $H",
  ({ connectivity, shape, seed, E, H }) => {
    const { voxels, t } = randomMap(seed, shape);

    it("TFCE is the sum over every distinct value, on both sides, also with ties", () => {
      const found = tfce(t, shape, voxels, { connectivity, E, H });
      const positive = bruteForce(t, voxels, shape, connectivity, E, H);
      const negative = bruteForce(
        t.map((value) => -value),
        voxels,
        shape,
        connectivity,
        E,
        H,
      );
      for (const [v, value] of found.entries()) expect(value).toBeCloseTo(positive[v]! - negative[v]!, 10);
    });

    it("clusters are the components beyond the threshold, without voxels that are equal to it", () => {
      const grid = { shape, affine: identityAffine };
      const found = clusters(t, grid, voxels, 0.5, { connectivity });
      for (const [sign, side] of [
        ["positive", 1],
        ["negative", -1],
      ] as const) {
        const inside = new Set(voxels.filter((_, v) => side * t[v]! > 0.5));
        const wanted = components(inside, shape, connectivity).map((members) => members.length);
        const sizes = found.clusters
          .filter((cluster) => cluster.sign === sign)
          .map((cluster) => cluster.voxels);
        expect(sizes).toEqual(wanted.sort((a, b) => b - a));
      }
      found.clusters.forEach(({ cluster, mass, sign }) => {
        const members = t.filter((_, v) => found.labels[v] === cluster);
        expect(mass).toBeCloseTo(
          members.reduce((sum, value) => sum + Math.abs(value) - 0.5, 0),
          10,
        );
        expect(members.every((value) => Math.sign(value) === (sign === "positive" ? 1 : -1))).toBe(true);
      });
    });
  },
);

it("TFCE of one voxel of height h is h³ ÷ 3", () => {
  expect([...tfce([0, 3, -6, 0], [1, 1, 4], [0, 1, 2, 3])]).toEqual([0, 9, -72, 0]);
});

it("TFCE of a plateau counts all its voxels at once", () => {
  const found = tfce([2, 2, 2, 2], [1, 2, 2], [0, 1, 2, 3]);
  expect([...found]).toEqual(new Array(4).fill((2 * 8) / 3));
});

it("TFCE leaves out the side that is not tested", () => {
  const t = [2, -2];
  expect([...tfce(t, [1, 1, 2], [0, 1], { sides: "negative" })]).toEqual([0, -8 / 3]);
});

it("TFCE of no voxel, and of zeros, is nothing", () => {
  expect(tfce([], [3, 3, 3], [])).toHaveLength(0);
  expect([...tfce([0, -0], [1, 1, 2], [0, 1])]).toEqual([0, 0]);
});

it("TFCE refuses values that are not finite, by their voxel", () => {
  expect(() => tfce([1, Number.NaN], [1, 1, 9], [4, 7])).toThrow("voxel 7 is NaN");
});

it("does not join voxels across the border of the image", () => {
  // The last voxel of one row and the first of the next are neighbours in memory only.
  const grid = { shape: [1, 2, 3], affine: identityAffine } as const;
  expect(clusters([0, 0, 5, 5, 0, 0], grid, [0, 1, 2, 3, 4, 5], 1).clusters).toHaveLength(2);
});

it("numbers clusters by voxels, then mass, and finds the first of equal peaks with x fastest", () => {
  const grid = { shape: [2, 2, 3], affine: identityAffine } as const;
  const t = [9, 0, 4, 0, 0, 4, 0, 0, 4, 0, -2, 0];
  const found = clusters(t, grid, Int32Array.from(t.keys()), 1);
  expect(found.clusters.map(({ voxels, mass, peak, peakAt }) => ({ voxels, mass, peak, peakAt }))).toEqual([
    { voxels: 3, mass: 9, peak: 4, peakAt: [0, 0, 2] },
    { voxels: 1, mass: 8, peak: 9, peakAt: [0, 0, 0] },
    { voxels: 1, mass: 1, peak: -2, peakAt: [1, 1, 1] },
  ]);
});
