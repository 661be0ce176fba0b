import { describe, expect, it } from "vitest";
import { type QuadratureRule, quadrature } from "../src/numerics/quadrature.ts";

const integral = (rule: QuadratureRule, count: number, f: (x: number) => number) => {
  const { points, weights } = quadrature(rule, count);
  return points.reduce((sum, point, k) => sum + weights[k]! * f(point), 0);
};

describe("quadrature", () => {
  it.each([1, 2, 5, 32, 100])("Gauss-Legendre with %d points is exact for degree 2n − 1", (count) => {
    const degree = 2 * count - 1;
    expect(integral("gausslegendre", count, (x) => x ** degree)).toBeCloseTo(1 / (degree + 1), 14);
  });

  // ∫ x = ½; left and right rules miss it by half a step, the others by nothing.
  it.each([
    ["riemann_left", 4, 0.375],
    ["riemann_right", 4, 0.625],
    ["riemann_middle", 4, 0.5],
    ["riemann_trapezoid", 4, 0.5],
    ["riemann_trapezoid", 1, 0.5],
  ] as const)("%s with %d points gives %d for ∫ x", (rule, count, value) => {
    expect(integral(rule, count, (x) => x)).toBeCloseTo(value, 15);
  });

  it.each(["gausslegendre", "riemann_left", "riemann_right", "riemann_middle", "riemann_trapezoid"] as const)(
    "the weights of %s add up to 1",
    (rule) => {
      expect(integral(rule, 7, () => 1)).toBeCloseTo(1, 14);
    },
  );
});
