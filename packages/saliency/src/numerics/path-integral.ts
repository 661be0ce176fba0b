import { addScaled } from "./float64-sum.ts";
import { type QuadratureRule, quadrature } from "./quadrature.ts";

/** How the integral of a gradient along a path is approximated. */
export type PathRule = "secant" | QuadratureRule;

/** A function on a path from 0 to 1, at one point of it. */
export interface PathPoint {
  readonly value: number;
  /** The derivative along the path. */
  readonly slope: () => number;
  /** What is integrated. */
  readonly gradient: Float32Array;
}

/** Where on the path the gradient is needed, and how the integral is made of it. */
export interface PathIntegral {
  /** From 0 to 1, ascending. */
  readonly points: readonly number[];
  /** Gets the points in their order, and adds the integral to `sum`. */
  sumInto(sum: Float64Array): (point: PathPoint) => void;
}

/** @param steps - Points; of "secant" those between the ends of the path, which are points, too. */
export function pathIntegral(rule: PathRule, steps: number): PathIntegral {
  if (rule === "secant") return secant(steps);
  const { points, weights } = quadrature(rule, steps);
  return {
    points,
    sumInto(sum) {
      let next = 0;
      return ({ gradient }) => addScaled(sum, gradient, 0, weights[next++]!);
    },
  };
}

/**
 * Between two points the gradient is taken for that of the first up to a kink, and for that of the second behind it.
 * The kink is put where the rise of the value between the points wants it. What an interval cannot give of its
 * rise, the next ones do.
 */
function secant(steps: number): PathIntegral {
  const intervals = steps + 1;
  const length = 1 / intervals;
  return {
    points: Array.from({ length: intervals + 1 }, (_, k) => k / intervals),
    sumInto(sum) {
      let start: Bound | undefined;
      let missing = 0;
      return ({ value, slope, gradient }) => {
        const end = { value, slope: slope(), gradient };
        if (start !== undefined) {
          const wanted = value - start.value + missing;
          const position = kinkPosition(start, end, wanted / length);
          missing = wanted - length * (position * start.slope + (1 - position) * end.slope);
          addScaled(sum, start.gradient, 0, position * length);
          addScaled(sum, gradient, 0, (1 - position) * length);
        }
        // A copy: what was given may be a part of a whole chunk.
        start = { ...end, gradient: gradient.slice() };
      };
    },
  };
}

/** Where an interval starts or ends. */
interface Bound {
  readonly value: number;
  readonly slope: number;
  readonly gradient: Float32Array;
}

/**
 * As a share of the interval. Not close to its ends: where there are many kinks, each changes other parts of the
 * gradient, and one position cannot be right for all.
 */
function kinkPosition(start: Bound, end: Bound, wantedSlope: number): number {
  const change = start.slope - end.slope;
  if (change === 0) return 0.5;
  return Math.min(0.75, Math.max(0.25, (wantedSlope - end.slope) / change));
}
