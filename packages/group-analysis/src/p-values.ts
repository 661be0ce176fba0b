import { elementAt } from "@voxplain/core";
import { lowestTie } from "./null-distribution.ts";
import type { Relabellings } from "./relabellings.ts";
import { fitTail, resampledFits, type TailFit, tailProbability } from "./tail.ts";

/** p-values by one null distribution. */
export interface PValues {
  /** p of a value: the share of relabellings that reach it, or by the tail where that share is below 0.1. */
  of(value: number): number;
  /** Its standard error, which the number of relabellings causes; 0 where all are enumerated. */
  errorOf(value: number): number;
  /** The tail, where one was asked for and fits. */
  readonly tail: TailFit | undefined;
}

/** p below this is taken from the tail. */
export const refinedBelow = 0.1;

/** The tail gives no p below the smallest that can be counted divided by this: a fit says little so far out. */
const furthest = 100;

/** p of a count of relabellings (Phipson & Smyth 2010 where they are drawn), of so many that were computed. */
export function countedP({ exact, count: all }: Relabellings, computed: number): (count: number) => number {
  return (count) => (exact ? count / all : (1 + count) / (1 + computed));
}

/**
 * p-values by the values of all relabellings.
 * @param tail Whether small ones come from the fitted tail; not where all relabellings are enumerated.
 */
export function pValues(nulls: Float64Array, order: Relabellings, tail: boolean): PValues {
  const sorted = nulls.toSorted();
  const pOf = countedP(order, sorted.length);
  const counted = (value: number) => pOf(sorted.length - placeOf(sorted, lowestTie(value)));
  const countedError = (p: number) => (order.exact ? 0 : Math.sqrt((p * (1 - p)) / sorted.length));
  const fit = tail && !order.exact ? fitTail(sorted) : undefined;
  if (fit === undefined) return { of: counted, errorOf: (value) => countedError(counted(value)), tail: fit };
  const { threshold } = fit;
  const least = Math.max(1 / order.distinct, pOf(0) / furthest);
  const byTail = (value: number, some: Pick<TailFit, "exceedances" | "shape" | "scale">) =>
    Math.max(least, pOf(some.exceedances) * tailProbability(value - threshold, some));
  const isRefined = (value: number) => value > threshold && counted(value) < refinedBelow;
  let resampled: ReturnType<typeof resampledFits> | undefined;
  return {
    of: (value) => (isRefined(value) ? Math.min(refinedBelow, byTail(value, fit)) : counted(value)),
    errorOf(value) {
      if (!isRefined(value)) return countedError(counted(value));
      resampled ??= resampledFits(sorted, fit, order.seed);
      const found = resampled.map((some) => byTail(value, some));
      const mean = found.reduce((sum, p) => sum + p, 0) / found.length;
      return Math.sqrt(found.reduce((sum, p) => sum + (p - mean) ** 2, 0) / (found.length - 1));
    },
    tail: fit,
  };
}

/** How many values are below a bar. */
function placeOf(sorted: Float64Array, bar: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (elementAt(sorted, middle) < bar) low = middle + 1;
    else high = middle;
  }
  return low;
}
