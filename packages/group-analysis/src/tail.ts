import { elementAt } from "@voxplain/core";
import { randomBelow, randomWords } from "./random.ts";

/** The tail of a null distribution as a generalized Pareto distribution, in the parameters of `scipy.stats.genpareto`. */
export interface TailFit {
  /** The tail is what is above this. */
  readonly threshold: number;
  /** How many values of the null distribution are in the tail. */
  readonly exceedances: number;
  /** c of scipy, ξ elsewhere: below 0 the tail has an end, at 0 it is exponential. */
  readonly shape: number;
  /** Scale of the values above the threshold. */
  readonly scale: number;
  /** A² of Anderson & Darling: how far the fit is from the tail. */
  readonly distance: number;
}

/** Tails of fewer values are not fitted: A² accepts almost anything then. */
const fewest = 25;

/** The first threshold is this quantile; the next ones are each `quantileStep` higher. */
const firstQuantile = 0.75;
const quantileStep = 0.01;

/**
 * A² that 5 % of samples of a generalized Pareto distribution exceed, by its shape, where shape and scale are estimated:
 * Choulakian & Stephens 2001, Technometrics 43:478, Table 2 (their k is minus the shape).
 */
const criticalDistances: readonly (readonly [shape: number, distance: number])[] = [
  [-0.9, 0.771],
  [-0.5, 0.83],
  [-0.2, 0.903],
  [-0.1, 0.935],
  [0, 0.974],
  [0.1, 1.02],
  [0.2, 1.074],
  [0.3, 1.14],
  [0.4, 1.221],
  [0.5, 1.321],
];

/**
 * Fits the tail of a null distribution (Winkler et al. 2016, NeuroImage 141:502; Knijnenburg et al. 2009): the values above the
 * 75th percentile, and if Anderson & Darling's test rejects the fit (p < 0.05), above the next percentile, and so on.
 * Shape and scale are those of the method of moments (Hosking & Wallis 1987).
 * @param sorted In rising order.
 * @returns Undefined where no threshold has an acceptable fit, or fewer than 25 values are above all that do.
 */
export function fitTail(sorted: Float64Array): TailFit | undefined {
  const all = sorted.length;
  for (let step = 0; ; step++) {
    // The smallest value that the quantile leaves in the tail, and all that are equal to it.
    const at = Math.ceil((firstQuantile + step * quantileStep) * all - 1e-9);
    if (all - at < fewest) return undefined;
    const lowest = elementAt(sorted, at);
    const first = sorted.indexOf(lowest);
    // All of a null distribution is no tail; neither is a value that most have.
    if (first < all / 2) continue;
    const threshold = (elementAt(sorted, first - 1) + lowest) / 2;
    const tail = sorted.subarray(first).map((value) => value - threshold);
    const moments = momentsFit(tail);
    if (moments === undefined) continue;
    const distance = andersonDarling(tail, moments);
    if (distance > criticalDistance(moments.shape)) continue;
    return { threshold, exceedances: tail.length, ...moments, distance };
  }
}

/** P(Y > y) of values above the threshold: `scipy.stats.genpareto.sf(y, shape, scale=scale)`. */
export function tailProbability(y: number, { shape, scale }: Pick<TailFit, "shape" | "scale">): number {
  if (Math.abs(shape) < 1e-12) return Math.exp(-y / scale);
  const base = 1 + (shape * y) / scale;
  return base > 0 ? base ** (-1 / shape) : 0;
}

/** Shape and scale that have the mean and the variance of the values; undefined where all are the same. */
function momentsFit(values: Float64Array): Pick<TailFit, "shape" | "scale"> | undefined {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  if (!(variance > 0)) return undefined;
  const ratio = (mean * mean) / variance;
  return { shape: (1 - ratio) / 2, scale: (mean * (ratio + 1)) / 2 };
}

/** A² = −n − Σ (2i − 1) (ln Fᵢ + ln (1 − Fₙ₊₁₋ᵢ)) ÷ n; infinite for values beyond the end of the distribution. */
function andersonDarling(rising: Float64Array, fit: Pick<TailFit, "shape" | "scale">): number {
  const count = rising.length;
  const above = rising.map((y) => tailProbability(y, fit));
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += (2 * i + 1) * (Math.log1p(-elementAt(above, i)) + Math.log(elementAt(above, count - 1 - i)));
  }
  return -count - sum / count;
}

function criticalDistance(shape: number): number {
  const last = criticalDistances.length - 1;
  const [lowest, least] = elementAt(criticalDistances, 0);
  if (shape <= lowest) return least;
  for (let k = 1; k <= last; k++) {
    const [low, from] = elementAt(criticalDistances, k - 1);
    const [high, to] = elementAt(criticalDistances, k);
    if (shape <= high) return from + ((to - from) * (shape - low)) / (high - low);
  }
  return elementAt(criticalDistances, last)[1];
}

/** Resamplings of the null distribution that a standard error is computed from. */
const resamplings = 200;

/** The fits above one threshold of null distributions that are drawn from this one with replacement; the same for the same seed. */
export function resampledFits(
  sorted: Float64Array,
  { threshold }: TailFit,
  seed: number,
): readonly Pick<TailFit, "exceedances" | "shape" | "scale">[] {
  return Array.from({ length: resamplings }, (_, k) => {
    const next = randomWords(seed, k);
    const drawn = sorted
      .map(() => elementAt(sorted, randomBelow(next, sorted.length)) - threshold)
      .filter((value) => value > 0);
    const { shape, scale } = momentsFit(drawn) ?? { shape: 0, scale: 0 };
    return { exceedances: drawn.length, shape, scale };
  });
}
