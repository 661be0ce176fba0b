import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type DesignOptions, design, fitMap, smooth } from "../src/index.ts";
import { hedgesCorrection, studentQuantile } from "../src/student.ts";

/** By scipy 1.10.1: fixtures/make_scipy.py. */
const scipy = JSON.parse(readFileSync(join(import.meta.dirname, "fixtures/scipy.json"), "utf8"));

const sessions = (group: string, count: number) =>
  Array.from({ length: count }, (_, k) => ({
    participant: `${group}-${k}`,
    covariates: { age: String(scipy.age[group === "b" ? 5 + k : k]) },
  }));

/** One column of data. */
const fit = (options: DesignOptions, y: readonly number[]) => {
  const { difference, t, welch, cohensD, hedgesG } = fitMap(
    { data: Float64Array.from(y), columns: 1 },
    design(options).model,
  );
  return { difference: difference[0]!, t: t[0]!, welch: welch?.[0], d: cohensD[0]!, g: hedgesG?.[0] };
};

const groups = { a: sessions("a", 5), b: sessions("b", 4) };

it("gives scipy's ttest_ind, pooled and Welch's", () => {
  const { t, welch } = fit(groups, scipy.y);
  expect(t).toBeCloseTo(scipy.ttest_ind, 12);
  expect(welch).toBeCloseTo(scipy.welch, 12);
});

it("gives scipy's ttest_1samp", () => {
  expect(fit({ a: sessions("a", 5) }, scipy.y.slice(0, 5)).t).toBeCloseTo(scipy.ttest_1samp, 12);
});

it("gives the least-squares solution with a covariate, and then no Welch", () => {
  const { difference, t, welch, d } = fit({ ...groups, covariates: ["age"] }, scipy.y);
  expect(difference).toBeCloseTo(scipy.ols_beta, 12);
  expect(t).toBeCloseTo(scipy.ols_t, 12);
  expect(d).toBeCloseTo(scipy.ols_d, 12);
  expect(welch).toBeUndefined();
});

it("does not lose digits where values are large and differ little", () => {
  const shifted = scipy.y.map((y: number) => y + 2 ** 20);
  expect(fit(groups, shifted).t).toBeCloseTo(scipy.ttest_ind, 8);
});

describe("where there is no variance", () => {
  const four = { a: sessions("a", 2), b: sessions("b", 2) };

  it("t of groups that separate perfectly is finite: s² is 10⁻¹⁰ of the total variance", () => {
    // SST = 1, n − 1 = 3: s² = 10⁻¹⁰ / 3; t = 1 / √(s² · (1/2 + 1/2)).
    const { t, welch, d } = fit(four, [1, 1, 0, 0]);
    expect(t).toBeCloseTo(Math.sqrt(3e10), 4);
    expect(d).toBeCloseTo(Math.sqrt(3e10), 4);
    expect(welch).toBeCloseTo(Math.sqrt(3e10), 4);
  });

  it("all is 0 if all rows are the same", () => {
    expect(fit(four, [3, 3, 3, 3])).toEqual({ difference: 0, t: 0, welch: 0, d: 0, g: 0 });
  });

  it("one sample of equal values has a finite t, its squares taken about 0", () => {
    // SST = 16, n − 1 = 3: s² = 16 · 10⁻¹⁰ / 3; t = 2 / √(s² / 4).
    expect(fit({ a: sessions("a", 4) }, [2, 2, 2, 2]).t).toBeCloseTo(2 / Math.sqrt(16e-10 / 3 / 4), 4);
  });
});

it("has no Hedges' g with one degree of freedom", () => {
  const { g, t } = fit({ a: sessions("a", 2), b: sessions("b", 1) }, [1, 2, 5]);
  expect(g).toBeUndefined();
  expect(t).toBeLessThan(0);
});

it("corrects d by Γ(df/2) ÷ (√(df/2) Γ((df−1)/2))", () => {
  // scipy.special.gammaln
  expect(hedgesCorrection(2)).toBeCloseTo(0.5641895835477564, 13);
  expect(hedgesCorrection(3)).toBeCloseTo(0.7236012545582676, 13);
  expect(hedgesCorrection(118)).toBeCloseTo(0.9936283148689963, 12);
});

it.each([
  // √(df (1 − x) / x) with scipy's betaincinv, which is exact where t.isf has 1e-9.
  [0.0005, 1, 636.6192487687198],
  [0.0005, 2, 31.599054576443624],
  [0.0005, 6, 5.9588161788187595],
  [0.0005, 118, 3.3748916821672257],
  [0.001, 1000, 3.098402163912826],
  [0.4, 5, 0.2671808657041447],
  [0.000001, 50, 5.376673401740478],
])("the quantile of t for p %f, %i degrees of freedom is %f", (p, df, t) => {
  expect(studentQuantile(p, df) / t).toBeCloseTo(1, 10);
});

describe("smooth", () => {
  const affine = [
    [0, 1.5, 0, 4],
    [-2, 0, 0, 1],
    [0, 0, 3, 2],
    [0, 0, 0, 1],
  ] as const;
  const grid = { shape: [3, 4, 5], affine } as const;

  it("gives what scipy's gaussian_filter1d gives along each axis, in voxels of their own length", () => {
    for (const [v, value] of smooth(scipy.image, grid, 4).entries())
      expect(value).toBeCloseTo(scipy.smooth[v], 12);
  });

  it("takes missing voxels as 0", () => {
    const [missing, zero] = [Number.NaN, 0].map((value) => smooth([value, ...scipy.image.slice(1)], grid, 4));
    expect(missing).toEqual(zero);
  });

  it.each([0, 1e-3, 1e-200])("changes nothing at a width of %d mm", (width) => {
    expect([...smooth(scipy.image, grid, width)]).toEqual(scipy.image);
  });

  it("takes no longer for a kernel that is wider than the image", () => {
    // 1.8 km: a kernel of some 3,000,000 voxels.
    const total = scipy.image.reduce((sum: number, value: number) => sum + value, 0);
    const [sigmaX, sigmaY, sigmaZ] = [2, 1.5, 3].map((size) => 1.8e6 / Math.sqrt(8 * Math.log(2)) / size);
    const height = (sigma: number) => 1 / (sigma * Math.sqrt(2 * Math.PI) * 0.999936657516334);
    const expected = total * height(sigmaX!) * height(sigmaY!) * height(sigmaZ!);
    for (const value of smooth(scipy.image, grid, 1.8e6)) expect(value / expected).toBeCloseTo(1, 5);
  });
});
