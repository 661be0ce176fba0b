import type { TailFit } from "./tail.ts";

/** The smallest p of a test, and the tail that it is from. */
export interface TailTest {
  /** Undefined where no tail fits, or all relabellings are enumerated. */
  readonly fit: TailFit | undefined;
  /** The smallest corrected p; 1 where nothing is tested. */
  readonly p: number;
  /** Its standard error. */
  readonly error: number;
}

/** The tails of the null distributions. */
export interface Tails {
  /** Tail of the largest statistic of a voxel. */
  readonly maxT: TailTest;
  /** Undefined without TFCE. */
  readonly maxTfce: TailTest | undefined;
  /** Tail of the largest cluster. */
  readonly maxClusterSize: TailTest;
  /** Tail of the largest cluster mass. */
  readonly maxClusterMass: TailTest;
  /** Undefined where no region is tested. */
  readonly maxRegionT: TailTest | undefined;
}

/** Which p-values stay shares of relabellings. */
export function withoutTail(tails: Tails, hasClusters: boolean, regions: number): string[] {
  const names = [
    ...(tails.maxT.fit === undefined ? ["voxels"] : []),
    ...(tails.maxTfce !== undefined && tails.maxTfce.fit === undefined ? ["TFCE"] : []),
    ...(hasClusters && tails.maxClusterSize.fit === undefined ? ["cluster size"] : []),
    ...(hasClusters && tails.maxClusterMass.fit === undefined ? ["cluster mass"] : []),
    ...(tails.maxRegionT !== undefined && tails.maxRegionT.fit === undefined
      ? ["the maximum over regions"]
      : []),
    ...(regions > 0 ? [`${regions} ${regions === 1 ? "region" : "regions"}, uncorrected`] : []),
  ];
  if (names.length === 0) return [];
  return [
    `the tail of the null distribution has no acceptable fit for ${names.join("; ")}: these p-values are shares of relabellings`,
  ];
}
