import { VoxplainError } from "@voxplain/core";

/** How the integral over a path is approximated, by the names of Captum. */
export const quadratureRules = [
  "riemann_middle",
  "riemann_trapezoid",
  "riemann_left",
  "riemann_right",
  "gausslegendre",
] as const;

/** How the integral over a path is approximated, by the names of Captum. */
export type QuadratureRule = (typeof quadratureRules)[number];

/** Names that earlier versions gave the rules. */
export const quadratureAliases = {
  "riemann-middle": "riemann_middle",
  "riemann-trapezoid": "riemann_trapezoid",
  "riemann-left": "riemann_left",
  "riemann-right": "riemann_right",
  "gauss-legendre": "gausslegendre",
} as const satisfies Readonly<Record<string, QuadratureRule>>;

/** @throws VoxplainError `invalid-argument` for a name that no rule has. */
export function quadratureRule(name: string): QuadratureRule {
  const rule = quadratureRules.find(
    (known) => known === name || known === (quadratureAliases as Readonly<Record<string, string>>)[name],
  );
  if (rule !== undefined) return rule;
  throw new VoxplainError("invalid-argument", `there is no integration rule "${name}"`, {
    expected: `one of ${quadratureRules.join(", ")}`,
  });
}

/** ∫₀¹ f ≈ Σ weightₖ · f(pointₖ). */
export interface Quadrature {
  /** From 0 to 1, ascending. */
  readonly points: readonly number[];
  readonly weights: readonly number[];
}

/**
 * A rule with `count` points, whose weights add up to 1. (The weights of Captum's trapezoid add up to 1 − 1/n: it
 * divides by the number n of points instead of the n − 1 intervals between them.)
 */
export function quadrature(rule: QuadratureRule, count: number): Quadrature {
  if (rule === "gausslegendre") return gaussLegendre(count);
  if (rule === "riemann_trapezoid" && count > 1) {
    const intervals = count - 1;
    const indices = Array.from({ length: count }, (_, k) => k);
    return {
      points: indices.map((k) => k / intervals),
      weights: indices.map((k) => (k === 0 || k === intervals ? 0.5 : 1) / intervals),
    };
  }
  // One point cannot have both ends: it takes the middle.
  const shift = rule === "riemann_left" ? 0 : rule === "riemann_right" ? 1 : 0.5;
  return {
    points: Array.from({ length: count }, (_, k) => (k + shift) / count),
    weights: new Array<number>(count).fill(1 / count),
  };
}

/** Roots of the Legendre polynomial of degree `count` by Newton's method, moved from [−1, 1] to [0, 1]. */
function gaussLegendre(count: number): Quadrature {
  const points = new Array<number>(count);
  const weights = new Array<number>(count);
  for (let k = 0; k < count; k++) {
    let x = -Math.cos((Math.PI * (k + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let iteration = 0; iteration < 100; iteration++) {
      const { value, derivative } = legendre(count, x);
      slope = derivative;
      const step = value / derivative;
      x -= step;
      if (Math.abs(step) < 1e-15) break;
    }
    points[k] = (1 + x) / 2;
    weights[k] = 1 / ((1 - x * x) * slope * slope);
  }
  return { points, weights };
}

/** Pₙ(x) and Pₙ'(x) for |x| < 1 by the three-term recurrence. */
function legendre(degree: number, x: number): { readonly value: number; readonly derivative: number } {
  let before = 1;
  let value = x;
  for (let n = 2; n <= degree; n++) {
    [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n];
  }
  return { value, derivative: (degree * (x * value - before)) / (x * x - 1) };
}
