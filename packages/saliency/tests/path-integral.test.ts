import { describe, expect, it } from "vitest";
import { type PathRule, pathIntegral } from "../src/numerics/path-integral.ts";

/** Of a function on [0, 1] by its value and its derivative, which is what is integrated. */
function integral(rule: PathRule, steps: number, f: (x: number) => number, slope: (x: number) => number) {
  const { points, sumInto } = pathIntegral(rule, steps);
  const sum = new Float64Array(1);
  const add = sumInto(sum);
  for (const x of points) {
    add({ value: f(x), slope: () => slope(x), gradient: Float32Array.of(slope(x)) });
  }
  return sum[0]!;
}

describe("the secant rule", () => {
  it("has the ends of the path besides its steps", () => {
    expect(pathIntegral("secant", 3).points).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  const kinked = (...kinks: number[]) => ({
    f: (x: number) => kinks.reduce((sum, kink) => sum + Math.max(0, x - kink), 0),
    slope: (x: number) => kinks.filter((kink) => x > kink).length,
  });

  it("finds a kink", () => {
    for (const kink of [0.51, 0.6, 0.74]) {
      const { f, slope } = kinked(kink);
      expect(integral("secant", 3, f, slope)).toBeCloseTo(1 - kink, 12);
    }
    // Four middles put one at 0.6 between 0.375 and 0.625, to 0.5.
    const { f, slope } = kinked(0.6);
    expect(integral("riemann-middle", 4, f, slope)).toBeCloseTo(0.5, 12);
  });

  it("adds up to the rise where there are kinks in several intervals", () => {
    const { f, slope } = kinked(0.1, 0.51, 0.55, 0.9);
    expect(integral("secant", 3, f, slope)).toBeCloseTo(f(1), 12);
  });

  it("takes no more than all of one gradient in an interval, and leaves missing what that cannot give", () => {
    // A bump between 0.5 and 0.75 that the slopes at both do not show: 0 and 1.
    const f = (x: number) => Math.max(0, x - 0.6) + (x >= 0.75 ? 5 : 0);
    expect(integral("secant", 3, f, (x) => (x > 0.6 ? 1 : 0))).toBeCloseTo(0.5, 12);
  });

  it("is exact where the slope is constant or grows steadily", () => {
    const [zero, square, twice] = [() => 0, (x: number) => 3 * x ** 2, (x: number) => 6 * x];
    expect(integral("secant", 1, zero, zero)).toBe(0);
    expect(integral("secant", 5, square, twice)).toBeCloseTo(3, 6);
  });
});
