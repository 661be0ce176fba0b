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
 * The trapezoid rule with the least change of its weights by which the slopes add up to the rise of the value. The
 * share of an interval that the gradient at its start gets, a half, changes in proportion to how much the slope changes
 * along the interval: more where there are more kinks. No share leaves the interval; what that forbids stays missing.
 */
function secant(steps: number): PathIntegral {
  const intervals = steps + 1;
  const length = 1 / intervals;
  return {
    points: Array.from({ length: intervals + 1 }, (_, k) => k / intervals),
    sumInto(sum) {
      /** By how much the sum changes when each share changes as much as its slope. */
      const change = new Float64Array(sum.length);
      /** The gradient at the start, copied: what is given may be a part of a whole chunk. */
      const before = new Float32Array(sum.length);
      let start: Bound | undefined;
      let left = intervals;
      let missing = 0;
      let gained = 0;
      let steepest = 0;
      return ({ value, slope, gradient }) => {
        const end = { value, slope: slope() };
        if (start !== undefined) {
          const drop = start.slope - end.slope;
          missing += value - start.value - (length * (start.slope + end.slope)) / 2;
          gained += length * drop * drop;
          steepest = Math.max(steepest, Math.abs(drop));
          for (const [from, sign] of [
            [before, 1],
            [gradient, -1],
          ] as const) {
            addScaled(sum, from, 0, length / 2);
            addScaled(change, from, 0, sign * length * drop);
          }
          left--;
        }
        if (left === 0 && gained > 0) {
          const bound = 0.5 / steepest;
          const scale = Math.min(bound, Math.max(-bound, missing / gained));
          for (let k = 0; k < sum.length; k++) sum[k]! += scale * change[k]!;
        }
        before.set(gradient);
        start = end;
      };
    },
  };
}

/** Where an interval starts or ends. */
interface Bound {
  readonly value: number;
  readonly slope: number;
}
