import { readFileSync } from "node:fs";
import { join } from "node:path";
import { identityAffine } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { compareMaps, design, regionAtlas } from "../src/index.ts";
import { pValues } from "../src/p-values.ts";
import type { Relabellings } from "../src/relabellings.ts";
import { fitTail, type TailFit, tailProbability } from "../src/tail.ts";
import { nearlyNormal, testRandom } from "./random.ts";

interface Expected extends TailFit {
  readonly at: readonly number[];
  readonly sf: readonly number[];
}
/** By numpy and scipy.stats.genpareto 1.10.1: fixtures/make_tail.py. */
const scipy: {
  readonly cases: Readonly<Record<string, { readonly null: readonly number[]; readonly fit: Expected }>>;
  readonly survival: readonly { y: number; shape: number; scale: number; sf: number }[];
} = JSON.parse(readFileSync(join(import.meta.dirname, "fixtures/tail.json"), "utf8"));

const drawn = (count: number, distinct = 1e30): Relabellings => ({
  ...{ count, distinct, exact: false, seed: 3, classes: [], kind: "rows", rows: 40 },
});

it.each(scipy.survival)(
  "P(Y > $y) at shape $shape and scale $scale is scipy's",
  ({ y, shape, scale, sf }) => {
    const found = tailProbability(y, { shape, scale });
    if (sf === 0) expect(found).toBe(0);
    else expect(found / sf).toBeCloseTo(1, 6);
  },
);

describe.each(Object.entries(scipy.cases))(
  "the tail of a null distribution: %s",
  (_, { null: values, fit }) => {
    const sorted = Float64Array.from(values).sort();

    it("has the threshold, shape, scale and A² of numpy", () => {
      const found = fitTail(sorted);
      expect(found?.exceedances).toBe(fit.exceedances);
      for (const name of ["threshold", "shape", "scale", "distance"] as const) {
        expect(found?.[name]).toBeCloseTo(fit[name], 9);
      }
    });

    it("gives the p of scipy.stats.genpareto where the share of relabellings is small", () => {
      const p = pValues(sorted, drawn(sorted.length), true);
      const scale = (1 + fit.exceedances) / (1 + sorted.length);
      let refined = 0;
      for (const [k, value] of fit.at.entries()) {
        const counted = pValues(sorted, drawn(sorted.length), false).of(value);
        if (counted >= 0.1) return expect(p.of(value)).toBe(counted);
        refined++;
        expect(p.of(value) / Math.min(0.1, scale * fit.sf[k]!)).toBeCloseTo(1, 9);
      }
      expect(refined).toBeGreaterThan(0);
    });

    it("never gives a larger value a larger p", () => {
      const p = pValues(sorted, drawn(sorted.length), true);
      const [low, high] = [sorted[0]!, 2 * sorted.at(-1)!];
      let before = 1;
      for (let k = 0; k <= 1000; k++) {
        const found = p.of(low + ((high - low) * k) / 1000);
        expect(found).toBeLessThanOrEqual(before);
        before = found;
      }
      expect(before).toBeGreaterThan(0);
    });
  },
);

it("p of many values is right on average, and its standard error is the one that is seen", () => {
  // The largest of 1,000 exponential values: P(max > x) = 1 − (1 − e^−x)^1000.
  const truth = 0.004;
  const x = -Math.log(1 - (1 - truth) ** (1 / 1000));
  const random = testRandom(4);
  const found = Array.from({ length: 150 }, () => {
    const nulls = Float64Array.from({ length: 500 }, () => -Math.log(1 - random() ** (1 / 1000)));
    const p = pValues(nulls, drawn(500), true);
    return { p: p.of(x), error: p.errorOf(x) };
  });
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const p = mean(found.map((one) => one.p));
  const seen = Math.sqrt(mean(found.map((one) => (one.p - p) ** 2)));
  expect(Math.abs(p / truth - 1)).toBeLessThan(0.1);
  expect(Math.abs(mean(found.map(({ error }) => error)) / seen - 1)).toBeLessThan(0.25);
  // Counting 500 relabellings cannot do so: the standard error of the share would be larger.
  expect(seen).toBeLessThan(Math.sqrt((truth * (1 - truth)) / 500));
});

describe("where no tail fits", () => {
  it.each<[string, (k: number, random: () => number) => number]>([
    ["most are 0, as without clusters", (k) => (k % 5 === 0 ? k % 7 : 0)],
    ["all are equal", () => 2],
    ["there are few distinct ones", (_, random) => Math.floor(3 * random())],
  ])("p stays the share of relabellings: %s", (_, value) => {
    const random = testRandom(2);
    const nulls = Float64Array.from({ length: 500 }, (__, k) => value(k, random));
    const [byTail, counted] = [true, false].map((tail) => pValues(nulls, drawn(500), tail));
    expect(byTail?.tail).toBeUndefined();
    for (const at of [0, 1, 2, 3, 100]) expect(byTail?.of(at)).toBe(counted?.of(at));
  });

  it("fewer than 25 values are no tail", () => {
    const random = testRandom(2);
    const nulls = (count: number) => Float64Array.from({ length: count }, () => -Math.log(random())).sort();
    expect(fitTail(nulls(96))).toBeUndefined();
    expect(fitTail(nulls(500))).toBeDefined();
  });
});

it("gives no p far below what can be counted, nor below one relabelling of all that exist", () => {
  const { null: values } = scipy.cases.bounded!;
  const nulls = Float64Array.from(values);
  expect(pValues(nulls, drawn(300), true).of(5)).toBeCloseTo(1 / 301 / 100, 12);
  expect(pValues(nulls, drawn(300, 1000), true).of(5)).toBe(1 / 1000);
});

const shape = [9, 10, 8] as const;
const grid = { shape, affine: identityAffine };
/** Neighbours are alike; A is larger in a corner. */
function study(people = 10, effect = 1.1) {
  const random = testRandom(8);
  const rows = (group: string) =>
    Array.from({ length: people }, (_, k) => ({ participant: `${group}-${k}` }));
  const plan = design({ a: rows("a"), b: rows("b") });
  const maps = plan.maps.map(({ source }) => {
    const noise = Float64Array.from({ length: 720 }, () => nearlyNormal(random));
    return Float32Array.from(
      noise.map((value, v) => {
        const inCorner = v % 8 < 3 && Math.floor(v / 8) % 10 < 3 && v < 240;
        const smooth = value + (noise[v + 1] ?? 0) + (noise[v + 8] ?? 0) + (noise[v + 80] ?? 0);
        return smooth / 2 + (source === "a" && inCorner ? effect : 0);
      }),
    );
  });
  const data = Int32Array.from({ length: 720 }, (_, v) => (v % 8 < 4 ? 1 : 2) + (v < 240 ? 0 : 2));
  return { design: plan, grid, maps, atlas: regionAtlas({ ...grid, data }, grid, new Map()) };
}

describe("a comparison with tails", () => {
  it("agrees within its standard errors with ten thousand relabellings", async () => {
    const settings = { cluster: { t: 2.5 }, seed: 2 };
    const many = await compareMaps(study(), { ...settings, permutations: 10_000 });
    const few = await compareMaps(study(), { ...settings, tail: true });
    expect(few.permutations).toBe(500);
    const tails = few.tails!;
    const least = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => Math.min(a, b));
    const pairs = [
      [tails.maxT, least(many.maps.pFweT)],
      [tails.maxTfce!, least(many.maps.pFweTfce!)],
      [tails.maxClusterSize, least(many.clusters.map(({ pFweSize }) => pFweSize))],
      [tails.maxClusterMass, least(many.clusters.map(({ pFweMass }) => pFweMass))],
      [tails.maxRegionT!, least(many.regions.map(({ pFwe }) => pFwe!))],
      ...few.regions.map(({ p, pError }, k) => [{ p: p!, error: pError! }, many.regions[k]!.p!] as const),
    ] as const;
    for (const [{ p, error }, wanted] of pairs) expect(Math.abs(p - wanted)).toBeLessThan(3 * error);
    // Some are smaller than the smallest that 500 relabellings can count, and rightly so.
    const refined = pairs.filter(([{ p }]) => p < 1 / 501);
    expect(refined.length).toBeGreaterThan(0);
    expect(least(few.maps.pFweT)).toBe(tails.maxT.p);
    expect(few.clusters[0]?.pFweSizeError).toBe(tails.maxClusterSize.error);
  });

  it("is the same whether it is asked for or not where all relabellings are enumerated", async () => {
    const settings = { cluster: { t: 2 }, permutations: 1000 };
    const exact = await compareMaps(study(5), settings);
    const { tails, warnings, ...found } = await compareMaps(study(5), { ...settings, tail: true });
    expect(found.exact).toBe(true);
    expect(found.maps).toEqual(exact.maps);
    expect(found.regions.map(({ p, pFwe }) => [p, pFwe])).toEqual(
      exact.regions.map(({ p, pFwe }) => [p, pFwe]),
    );
    expect(found.regions.map(({ pError, pFweError }) => [pError, pFweError])).toEqual(
      exact.regions.map(() => [0, 0]),
    );
    expect(tails?.maxT).toMatchObject({ fit: undefined, error: 0 });
    expect(warnings).toEqual(exact.warnings);
  });

  it("warns which tails do not fit", async () => {
    const { warnings, tails } = await compareMaps(study(), {
      cluster: { t: 2.5 },
      permutations: 60,
      tail: true,
    });
    expect(tails?.maxT.fit).toBeUndefined();
    expect(warnings).toContainEqual(
      expect.stringContaining("no acceptable fit for voxels; TFCE; cluster size; cluster mass;"),
    );
  });
});
