import { midranks, VoxplainError } from "@voxplain/core";
import { float32At, outside } from "./elements.ts";

/** How far two maps of one session agree. `null` is not available. */
export interface Agreement {
  /** Voxels that are finite in both, in the mask. */
  readonly voxels: number;
  /** Pearson's correlation; null for a constant map. */
  readonly pearson: number | null;
  /** Spearman's, with midranks; null for a constant map. */
  readonly spearman: number | null;
  /** For each of `top` the Dice coefficient of the strongest voxels of both; null if both sets are empty. */
  readonly dice: readonly (number | null)[];
}

/** What is compared. */
export interface AgreementOptions {
  /** Voxels that are not 0 count. Default: all. */
  readonly mask?: ArrayLike<number>;
  /** Per cent of the voxels, above 0 up to 100. Default 1, 5 and 10. */
  readonly top?: readonly number[];
}

/**
 * Correlations of two maps, and the Dice coefficient of their strongest k %: {|m| ≥ the ⌈k % · n⌉-th largest |m|, and |m| > 0}.
 * Ties at the cut are all in, zeros never.
 * @throws VoxplainError `mismatch` for maps of different lengths, `invalid-argument` for a percentage out of range.
 */
export function agreement(
  one: ArrayLike<number>,
  other: ArrayLike<number>,
  { mask, top = [1, 5, 10] }: AgreementOptions = {},
): Agreement {
  if (one.length !== other.length) {
    throw new VoxplainError("mismatch", `the maps have ${one.length} and ${other.length} voxels`);
  }
  const wrong = top.find((percent) => !(percent > 0 && percent <= 100));
  if (wrong !== undefined) {
    throw new VoxplainError(
      "invalid-argument",
      `the strongest ${wrong} % of voxels cannot be taken: give a number above 0, up to 100`,
    );
  }
  const a = new Float32Array(one.length);
  const b = new Float32Array(one.length);
  let n = 0;
  for (let v = 0; v < one.length; v++) {
    if (mask !== undefined && mask[v] === 0) continue;
    const x = one[v];
    const y = other[v];
    if (x === undefined || y === undefined) throw outside(v);
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    a[n] = x;
    b[n] = y;
    n++;
  }
  const [x, y] = [a.subarray(0, n), b.subarray(0, n)];
  const pearson = correlation(x, y);
  return {
    voxels: n,
    pearson,
    spearman: pearson === null ? null : correlation(midranks(x), midranks(y)),
    dice: diceOf(x.map(Math.abs), y.map(Math.abs), top),
  };
}

function correlation(x: Float32Array | Float64Array, y: Float32Array | Float64Array): number | null {
  const n = x.length;
  if (isConstant(x) || isConstant(y)) return null;
  let [meanX, meanY] = [0, 0];
  for (let i = 0; i < n; i++) {
    const one = x[i];
    const other = y[i];
    if (one === undefined || other === undefined) throw outside(i);
    meanX += one;
    meanY += other;
  }
  meanX /= n;
  meanY /= n;
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const one = x[i];
    const other = y[i];
    if (one === undefined || other === undefined) throw outside(i);
    const dx = one - meanX;
    const dy = other - meanY;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return Math.max(-1, Math.min(1, xy / (Math.sqrt(xx) * Math.sqrt(yy))));
}

function isConstant(values: Float32Array | Float64Array): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false;
  return true;
}

function diceOf(x: Float32Array, y: Float32Array, top: readonly number[]): (number | null)[] {
  const [sortedX, sortedY] = [x.toSorted(), y.toSorted()];
  return top.map((percent) => {
    const n = x.length;
    // Not ⌈percent / 100 · n⌉, which in floating point is 73 for 10 % of 720.
    const count = Math.ceil((percent * n) / 100 - 1e-9);
    if (n === 0) return null;
    const [cutX, cutY] = [float32At(sortedX, n - count), float32At(sortedY, n - count)];
    let [inX, inY, both] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const one = x[i];
      const other = y[i];
      if (one === undefined || other === undefined) throw outside(i);
      const isX = one >= cutX && one > 0;
      const isY = other >= cutY && other > 0;
      if (isX) inX++;
      if (isY) inY++;
      if (isX && isY) both++;
    }
    return inX + inY > 0 ? (2 * both) / (inX + inY) : null;
  });
}
