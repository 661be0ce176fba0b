import { describe, expect, it } from "vitest";
import { fewestPoints, integrateRefined } from "../src/numerics/path-refinement.ts";
import { type QuadratureRule, quadratureRules } from "../src/numerics/quadrature.ts";

/**
 * Integrates a function of one variable from 0 to 1 until the last change is below the tolerance, and the error, too,
 * where the integral is given.
 */
async function integrate(
  f: (x: number) => number,
  {
    integral = Number.NaN,
    rule = "riemann_middle" as QuadratureRule,
    steps = 9,
    tolerance = 1e-3,
    maxPoints = 10_000,
  } = {},
) {
  const sum = new Float64Array(1);
  const positions: number[][] = [];
  const result = await integrateRefined(
    {
      ...{ rule, steps, maxPoints },
      async gradientsAt(at, read) {
        positions.push([...at]);
        for (const x of at) read(Float32Array.of(f(x)));
      },
      norm: ([value]) => Math.abs(value!),
      judge([value], change) {
        if (!(change <= tolerance)) return "changing";
        return Math.abs(value! - integral) > tolerance ? "unseen" : "reached";
      },
    },
    sum,
  );
  return { ...result, value: sum[0]!, positions };
}

const step = (x: number) => (x > 0.6 ? 1 : 0);

describe("a refined path", () => {
  it.each(quadratureRules)(
    "gives %s weights that add up to 1, however often it was refined",
    async (rule) => {
      // Never enough: it goes on until no points are left.
      const { value, positions } = await integrate(() => 1, { rule, tolerance: -1, maxPoints: 2000 });
      expect(positions.length).toBeGreaterThan(3);
      expect(value).toBeCloseTo(1, 12);
    },
  );

  // Errors of rules that take one end add up; those of the others do not.
  const symmetric = quadratureRules.filter((rule) => !/left|right/.test(rule));

  it.each(symmetric)("misses by less with %s than the last refinements changed", async (rule) => {
    for (const [f, integral] of [
      [Math.exp, Math.E - 1],
      [Math.sqrt, 2 / 3],
      [(x: number) => Math.sin(40 * x), (1 - Math.cos(40)) / 40],
    ] as const) {
      for (const tolerance of [1e-2, 1e-3]) {
        const { value, converged } = await integrate(f, { rule, tolerance, steps: 40, maxPoints: 50_000 });
        expect(converged).toBe(true);
        expect(Math.abs(value - integral)).toBeLessThan(tolerance);
      }
    }
  });

  it.each(quadratureRules)("finds with %s a jump that no point has shown, by the integral", async (rule) => {
    // Between the last point of a panel and its end no rule sees it, but what the integral misses does.
    const jump = (x: number) => (x > 0.66 ? 1 : 0);
    const { converged, value } = await integrate(jump, { integral: 0.34, rule, tolerance: 1e-4 });
    expect(converged).toBe(true);
    expect(Math.abs(value - 0.34)).toBeLessThan(1e-4);
  });

  it("is refined where the function jumps, and not where it is constant", async () => {
    const { positions } = await integrate(step, { integral: 0.4, tolerance: 1e-6 });
    const [first, ...later] = positions;
    expect(first).toHaveLength(9);
    expect(later.length).toBeGreaterThan(3);
    for (const x of later.flat()) expect(Math.abs(x - 0.6)).toBeLessThan(1 / 3);
    for (const x of later.at(-1)!) expect(Math.abs(x - 0.6)).toBeLessThan(1e-4);
  });

  it("counts every point, and says when the tolerance was not reached with as many as allowed", async () => {
    const { points, converged, positions } = await integrate(step, {
      integral: 0.4,
      tolerance: 1e-9,
      maxPoints: 40,
    });
    expect(converged).toBe(false);
    expect(points).toBe(positions.flat().length);
    expect(points).toBeLessThanOrEqual(40);
    // A third cannot be divided with the points that are left.
    expect(points).toBeGreaterThan(37);
  });

  it("ends where the function is not finite", async () => {
    const { converged, value, positions } = await integrate((x) => (x > 0.5 ? Number.NaN : 1));
    expect({ converged, value, rounds: positions.length }).toEqual({
      converged: false,
      value: Number.NaN,
      rounds: 1,
    });
  });

  it.each([
    ["riemann_middle", 1, 3],
    ["riemann_middle", 32, 33],
    ["riemann_left", 32, 33],
    ["riemann_trapezoid", 32, 32],
    ["gausslegendre", 32, 32],
  ] as const)("begins %s with %i steps at %i points", async (rule, steps, points) => {
    expect(fewestPoints(rule, steps)).toBe(points);
    expect((await integrate(() => 1, { rule, steps })).points).toBe(points);
  });
});
