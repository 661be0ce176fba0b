import { describe, expect, it } from "vitest";
import { countRelabellings, type DesignOptions, design, relabellingAt, relabellings } from "../src/index.ts";

const sessions = (group: string, count: number, session = "") =>
  Array.from({ length: count }, (_, k) => ({ participant: `${group}-${k}`, session }));

/** The rows of the model that each row of the data gets, as text, for every relabelling. */
function texts(options: DesignOptions, permutations: number, seed = 0): string[] {
  const plan = design(options);
  const all = relabellings(plan, permutations, seed);
  return Array.from({ length: all.count }, (_, number) => {
    const { rowOf, signs } = relabellingAt(all, number);
    return JSON.stringify(
      Array.from(rowOf, (row, k) => [signs[k]! * plan.model.x[row]!, ...plan.rows[row]!.covariates]),
    );
  });
}

const unchanged = (options: DesignOptions) => {
  const { rows, model } = design(options);
  return JSON.stringify(rows.map(({ covariates }, row) => [model.x[row], ...covariates]));
};

const withAge = (group: string, ages: readonly number[]) =>
  ages.map((age, k) => ({ participant: `${group}-${k}`, covariates: { age: String(age) } }));

describe.each([
  ["two groups", { a: sessions("a", 4), b: sessions("b", 4) }, 70],
  ["unequal groups", { a: sessions("a", 2), b: sessions("b", 5) }, 21],
  ["one sample", { a: sessions("a", 5) }, 32],
  ["pairs", { a: sessions("a", 4), b: sessions("a", 4), paired: true }, 16],
  ["a covariate", { a: withAge("a", [60, 70, 80]), b: withAge("b", [61, 75, 68]), covariates: ["age"] }, 720],
  [
    "a covariate with equal rows",
    { a: withAge("a", [60, 60, 80]), b: withAge("b", [61, 75, 61]), covariates: ["age"] },
    180,
  ],
  [
    "blocks of two sizes, each changing places among themselves",
    {
      a: [...sessions("a", 3, "1"), ...sessions("a", 2, "2")],
      b: [...sessions("b", 3, "1"), ...sessions("b", 1, "2")],
      repeated: "blocks",
    },
    // Sizes 2: 2 of a and 1 of b; sizes 1: 1 of a and 2 of b.
    9,
  ],
  [
    "blocks of pairs",
    {
      a: [...sessions("a", 3, "1"), ...sessions("a", 2, "2")],
      b: [...sessions("a", 3, "1"), ...sessions("a", 2, "2")],
      paired: true,
      repeated: "blocks",
    },
    8,
  ],
] satisfies [string, DesignOptions, number][])("all relabellings of %s", (_, options, count) => {
  it("are as many as counted, distinct, and the unchanged rows are one of them", () => {
    expect(countRelabellings(design(options))).toBe(count);
    const all = texts(options, count);
    expect(new Set(all).size).toBe(count);
    expect(all).toHaveLength(count);
    expect(all).toContain(unchanged(options));
  });

  it("are drawn if one fewer is asked for", () => {
    const all = relabellings(design(options), count - 1);
    expect(all).toMatchObject({ exact: false, count: count - 1, distinct: count });
  });

  it("are all equally likely to be drawn", () => {
    const draws = 40 * count;
    const frequencies = new Map<string, number>();
    // Beyond the number of distinct ones everything is enumerated: shorter runs under several seeds.
    for (let seed = 0; seed * (count - 1) < draws; seed++) {
      for (const text of texts(options, count - 1, seed))
        frequencies.set(text, (frequencies.get(text) ?? 0) + 1);
    }
    const total = [...frequencies.values()].reduce((sum, value) => sum + value);
    const expected = total / count;
    const chiSquared = texts(options, count).reduce(
      (sum, text) => sum + ((frequencies.get(text) ?? 0) - expected) ** 2 / expected,
      0,
    );
    // Mean count − 1, standard deviation √(2(count − 1)): five of them above.
    expect(chiSquared).toBeLessThan(count - 1 + 5 * Math.sqrt(2 * (count - 1)));
  });
});

it("counts relabellings beyond what floating point adds up to exactly", () => {
  const plan = design({ a: sessions("a", 60), b: sessions("b", 60) });
  // math.comb(120, 60)
  expect(countRelabellings(plan)).toBe(Number(96614908840363322603893139521372656n));
  expect(countRelabellings(design({ a: sessions("a", 1200) }))).toBe(Infinity);
});

it("draws what another implementation of the scheme draws", () => {
  // sfc32 and the shuffle in numpy's uint32, by fixtures/draw_relabellings.py.
  const plan = design({ a: sessions("a", 6), b: sessions("b", 6) });
  const drawn = relabellings(plan, 100, 3 + 5 * 2 ** 32);
  expect([0, 1, 99].map((number) => [...relabellingAt(drawn, number).rowOf])).toEqual([
    [4, 3, 0, 1, 9, 10, 11, 5, 7, 2, 6, 8],
    [3, 4, 9, 7, 11, 8, 10, 2, 0, 6, 1, 5],
    [0, 3, 6, 7, 1, 11, 8, 10, 2, 4, 9, 5],
  ]);
  const flipped = relabellings(design({ a: sessions("a", 12) }), 100, 3);
  expect([0, 7].map((number) => [...relabellingAt(flipped, number).signs])).toEqual([
    [-1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, -1],
    [-1, -1, -1, 1, -1, -1, 1, -1, -1, -1, -1, 1],
  ]);
});

it("draws the same under the same seed, and others under another", () => {
  const plan = design({ a: sessions("a", 10), b: sessions("b", 10) });
  const rowsOf = (seed: number, number: number) => relabellingAt(relabellings(plan, 500, seed), number).rowOf;
  expect(rowsOf(1, 17)).toEqual(rowsOf(1, 17));
  expect(rowsOf(1, 17)).not.toEqual(rowsOf(2, 17));
  expect(rowsOf(1, 17)).not.toEqual(rowsOf(1, 18));
});
