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

  it("finds a kink in the middle half of an interval", () => {
    const kink = 0.6;
    const f = (x: number) => Math.max(0, x - kink) * 8;
    const slope = (x: number) => (x > kink ? 8 : 0);
    expect(integral("secant", 3, f, slope)).toBeCloseTo(f(1) - f(0), 12);
    // Four middles put it between 0.375 and 0.625, to 0.5.
    expect(integral("riemann-middle", 4, f, slope)).toBeCloseTo(8 * 0.5, 12);
  });

  it("keeps away from the ends of an interval, and lets later ones give what is missing", () => {
    const kinked = (...kinks: number[]) => ({
      f: (x: number) => kinks.reduce((sum, kink) => sum + Math.max(0, x - kink), 0),
      slope: (x: number) => kinks.filter((kink) => x > kink).length,
    });
    // A quarter of the interval from 0.5 to 0.75 is left out instead of 0.01.
    const one = kinked(0.51);
    expect(integral("secant", 3, one.f, one.slope)).toBeCloseTo(0.5 - 0.25 / 4, 12);
    const two = kinked(0.51, 0.9);
    expect(integral("secant", 3, two.f, two.slope)).toBeCloseTo(two.f(1), 12);
  });

  it("is exact where the slope is constant or grows steadily", () => {
    const [zero, square, twice] = [() => 0, (x: number) => 3 * x ** 2, (x: number) => 6 * x];
    expect(integral("secant", 1, zero, zero)).toBe(0);
    expect(integral("secant", 5, square, twice)).toBeCloseTo(3, 6);
  });
});
