import type { Cluster } from "./clusters.ts";
import type { Model, Statistic } from "./model.ts";
import { type Alternative, columnTest, lowestTie, testedSide } from "./null-distribution.ts";
import { refinedBelow } from "./p-values.ts";
import type { RowMatrix } from "./row-matrix.ts";
import type { NullDistribution } from "./runners.ts";

/** What is tested, as it was observed. */
interface Observed {
  readonly observed: Float64Array;
  readonly enhanced: Float64Array | undefined;
  readonly clusters: readonly Cluster[];
  readonly regions: RowMatrix;
  readonly model: Model;
  readonly statistic: Statistic;
}

/** The p below which something is significant. */
const significant = 0.05;
/** p below this may become significant by the tail. */
const nearlySignificant = refinedBelow;

/**
 * Whether, after some of all relabellings, (1 + #) ÷ (1 + all) of the strongest of everything that is tested is above 0.05 already:
 * the rest can only add to it. Above 0.1 where a tail is fitted, which does not change larger p-values.
 */
export function nothingLeft(
  all: number,
  alternative: Alternative,
  tail: boolean,
  { observed, enhanced, clusters: found, regions, model, statistic }: Observed,
): (sofar: NullDistribution, done: number) => boolean {
  const strongest = (values: Iterable<number>) => {
    let most = 0;
    for (const value of values) most = Math.max(most, value);
    return lowestTie(most);
  };
  const sided = (values: Float64Array) => values.map((value) => testedSide(value, alternative));
  const bars = {
    maxT: strongest(sided(observed)),
    maxTfce: enhanced && strongest(sided(enhanced)),
    maxClusterSize: strongest(found.map(({ voxels }) => voxels)),
    maxClusterMass: strongest(found.map(({ mass }) => mass)),
    maxRegionT:
      regions.columns > 0
        ? strongest(sided(columnTest(regions, { model, statistic, alternative }).observed))
        : undefined,
  };
  const isOut = (count: number) => (1 + count) / (1 + all) > (tail ? nearlySignificant : significant);
  return (sofar, done) =>
    (Object.keys(bars) as (keyof typeof bars)[]).every((name) => {
      const bar = bars[name];
      return bar === undefined || isOut(sofar[name].subarray(0, done).filter((value) => value >= bar).length);
    }) && sofar.exceedingRegions.every(isOut);
}
