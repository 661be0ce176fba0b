import { withEscapes } from "@voxplain/core";
import type { Comparison } from "@voxplain/group-analysis";

/**
 * What was found, in a few lines: the smallest p of voxels, clusters and regions.
 * @param isPlaced - Whether coordinates are mm, or voxel indices.
 */
export function comparisonSummary(found: Comparison, isPlaced: boolean): string {
  const { maps, clusters, regions, nA, nB, exact, permutations } = found;
  const groups = nB > 0 ? `A (${nA}) and B (${nB})` : `A (${nA}) and 0`;
  const smallest = (values: Iterable<number>) => {
    let least = 1;
    for (const value of values) least = Math.min(least, value);
    return least.toPrecision(3);
  };
  const lines = [
    `${groups}, ${permutations} relabellings${exact ? ", all that exist" : ""}`,
    `smallest p_FWE of a voxel ${smallest(maps.pFweT)}${maps.pFweTfce === undefined ? "" : `, by TFCE ${smallest(maps.pFweTfce)}`}`,
  ];
  const [cluster] = clusters.toSorted((a, b) => a.pFweSize - b.pFweSize);
  if (cluster !== undefined) {
    const at = cluster.peakAt.map((value) => Number(value.toFixed(1))).join(" ");
    const where = cluster.region === undefined ? "" : ` (${withEscapes(cluster.region)})`;
    lines.push(
      `${clusters.length} ${clusters.length === 1 ? "cluster" : "clusters"}; the most significant: ${cluster.sign}, ${cluster.voxels} voxels, peak ` +
        `${cluster.peak.toPrecision(3)} at ${isPlaced ? `[${at}] mm` : `voxel [${at}]`}${where}, p_FWE = ${cluster.pFweSize.toPrecision(3)}`,
    );
  }
  const tested = regions.flatMap(({ name, t, pFwe }) =>
    t === null || pFwe === null ? [] : [{ name, t, pFwe }],
  );
  const [region] = tested.sort((a, b) => a.pFwe - b.pFwe || Math.abs(b.t) - Math.abs(a.t));
  if (region !== undefined) {
    lines.push(
      `${tested.length} ${tested.length === 1 ? "region" : "regions"}; the most significant: ${withEscapes(region.name)}, t = ${region.t.toPrecision(3)}, ` +
        `p_FWE = ${region.pFwe.toPrecision(3)}`,
    );
  }
  return lines.map((line) => `  ${line}\n`).join("");
}
