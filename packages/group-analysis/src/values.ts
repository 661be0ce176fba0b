import { VoxplainError } from "@voxplain/core";
import { float32At, outside } from "./elements.ts";

/** What of a map m is analysed: m, |m|, max(m, 0) or max(−m, 0). */
export type MapValues = "signed" | "absolute" | "positive" | "negative";

/** What each map is divided by: nothing, the mean of |m|, the largest |m|, or the standard deviation (of the population). */
export type Normalization = "none" | "mass" | "max" | "sd";

/** How a map is prepared. */
export interface Preparation {
  /** What of the map is analysed. Default "signed". */
  readonly values?: MapValues;
  /** What the map is divided by, over its finite voxels in the mask. Default "none". */
  readonly normalize?: Normalization;
  /** Voxels that are not 0 count. Row-major, of the map's length. Default: all. */
  readonly mask?: ArrayLike<number>;
  /** What messages call the map, such as "sub-01, ses-M00". */
  readonly name?: string;
}

/**
 * Values of a map as they are analysed: chosen, then normalized. NaN and ±∞ become NaN, a missing voxel.
 * @throws VoxplainError `not-finite` if there is nothing to divide by: the divisor is 0 or no voxel is finite.
 */
export function prepareMap(map: ArrayLike<number>, options: Preparation = {}): Float32Array {
  const chosen = chooseValues(map, options.values ?? "signed");
  const { normalize = "none", mask, name = "the map" } = options;
  if (normalize === "none") return chosen;
  const divisor = normalizationDivisor(chosen, normalize, mask);
  if (!(divisor > 0)) {
    throw new VoxplainError(
      "not-finite",
      `cannot normalize ${name} by ${normalize}: ${divisorNames[normalize]} is ${Number.isNaN(divisor) ? "undefined, as no voxel in the mask is finite" : "0"}. Leave the session out, or use no normalization`,
    );
  }
  for (let v = 0; v < chosen.length; v++) chosen[v] = float32At(chosen, v) / divisor;
  return chosen;
}

const divisorNames = {
  mass: "the mean of its absolute values",
  max: "its largest absolute value",
  sd: "its standard deviation",
} as const;

function chooseValues(map: ArrayLike<number>, values: MapValues): Float32Array {
  const chosen = new Float32Array(map.length);
  for (let v = 0; v < chosen.length; v++) {
    const m = map[v];
    if (m === undefined) throw outside(v);
    if (!Number.isFinite(m)) chosen[v] = Number.NaN;
    else if (values === "signed") chosen[v] = m;
    else if (values === "absolute") chosen[v] = Math.abs(m);
    else if (values === "positive") chosen[v] = Math.max(m, 0);
    else chosen[v] = Math.max(-m, 0);
  }
  return chosen;
}

function normalizationDivisor(
  map: Float32Array,
  by: Exclude<Normalization, "none">,
  mask: ArrayLike<number> | undefined,
): number {
  let count = 0;
  let sum = 0;
  let mass = 0;
  let largest = 0;
  for (let v = 0; v < map.length; v++) {
    const m = float32At(map, v);
    if (Number.isNaN(m) || (mask !== undefined && mask[v] === 0)) continue;
    count++;
    sum += m;
    mass += Math.abs(m);
    largest = Math.max(largest, Math.abs(m));
  }
  if (count === 0) return Number.NaN;
  if (by === "mass") return mass / count;
  if (by === "max") return largest;
  const mean = sum / count;
  let squares = 0;
  for (let v = 0; v < map.length; v++) {
    const m = float32At(map, v);
    if (!Number.isNaN(m) && (mask === undefined || mask[v] !== 0)) squares += (m - mean) ** 2;
  }
  return Math.sqrt(squares / count);
}
