import { dot, removeAlong } from "./vectors.ts";

/** What of a relabelled data set is tested. */
export type Statistic = "t" | "welch" | "difference";

/** The linear model y = Mβ + ε of one row per participant or block row, ready for any number of data vectors. */
export interface Model {
  /** Rows. */
  readonly rows: number;
  /** Two groups (rows change places), or one sample, of differences or of maps (signs flip). */
  readonly kind: "two-groups" | "one-sample";
  /** For each row 1 for group A, 0 for B; 1 everywhere for one sample. */
  readonly x: Float64Array;
  /** Orthonormal basis of the nuisance columns, each of length `rows`; the intercept first for two groups. */
  readonly nuisance: readonly Float64Array[];
  /** The tested column without its nuisance part, of length 1. */
  readonly tested: Float64Array;
  /** The length of that column before: β is the projection on `tested` divided by it. */
  readonly testedLength: number;
  /** rows − rank M. */
  readonly df: number;
  /** Whether there are covariates. */
  readonly adjusted: boolean;
}

/**
 * Builds the model from the tested column and the centred covariates.
 * @param dependent Called with the place of a covariate that depends on what stands before it, or −1 if the tested column depends on them.
 */
export function linearModel(
  kind: Model["kind"],
  x: Float64Array,
  covariates: readonly Float64Array[],
  dependent: (place: number) => Error,
): Model {
  const rows = x.length;
  const nuisance: Float64Array[] =
    kind === "two-groups" ? [new Float64Array(rows).fill(1 / Math.sqrt(rows))] : [];
  // A covariate that is the group itself is named before the group is called dependent.
  const before: Float64Array[] = [...nuisance];
  const group = orthogonal(x, before);
  if (group === undefined) throw dependent(-1);
  before.push(group.direction);
  covariates.forEach((covariate, place) => {
    const found = orthogonal(covariate, before);
    if (found === undefined) throw dependent(place);
    before.push(found.direction);
    const own = orthogonal(covariate, nuisance);
    if (own === undefined) throw dependent(place);
    nuisance.push(own.direction);
  });
  const tested = orthogonal(x, nuisance);
  if (tested === undefined) throw dependent(-1);
  return {
    rows,
    kind,
    x,
    nuisance,
    tested: tested.direction,
    testedLength: tested.length,
    df: rows - nuisance.length - 1,
    adjusted: covariates.length > 0,
  };
}

/** A column without its part along orthonormal ones (Gram–Schmidt, twice), or undefined if nothing is left. */
function orthogonal(
  column: Float64Array,
  basis: readonly Float64Array[],
): { readonly direction: Float64Array; readonly length: number } | undefined {
  const rest = column.slice();
  for (let pass = 0; pass < 2; pass++) {
    for (const unit of basis) removeAlong(unit, rest);
  }
  const length = Math.sqrt(dot(rest, rest));
  if (!(length > 1e-8 * Math.sqrt(dot(column, column)))) return undefined;
  return { direction: rest.map((value) => value / length), length };
}
