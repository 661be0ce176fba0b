import { type Comparison, onGrid } from "@voxplain/group-analysis";
import type { MapSource } from "../sources/map-source.ts";
import type { PlannedComparison } from "./compare-sources.ts";
import type { FindingFiles } from "./finding-files.ts";

/** Writes the maps, tables and null distributions of a comparison, and the rows of its model. */
export async function writeComparison(
  files: FindingFiles,
  found: Comparison,
  compared: Omit<PlannedComparison, "set">,
): Promise<void> {
  await writeMaps(files, found);
  await writeClusters(files, found);
  await writeTestedRegions(files, found);
  await writeNull(files, found);
  await writeRows(files, compared);
}

async function writeMaps(files: FindingFiles, found: Comparison): Promise<void> {
  const { maps } = found;
  const statistics = {
    ...{ difference: maps.difference, mean_a: maps.meanA, mean_b: maps.meanB, t: maps.t, welch: maps.welch },
    ...{ cohens_d: maps.cohensD, hedges_g: maps.hedgesG, tfce: maps.tfce },
  };
  for (const [name, values] of Object.entries(statistics)) {
    if (values !== undefined) await files.image(name, onGrid(found, values));
  }
  const probabilities = {
    ...{ p_uncorrected: maps.pUncorrected, p_fwe_t: maps.pFweT, p_fwe_tfce: maps.pFweTfce },
  };
  for (const [name, values] of Object.entries(probabilities)) {
    if (values === undefined) continue;
    await files.image(name, onGrid(found, values, 1));
    if (name === "p_uncorrected") continue;
    await files.image(`log${name}`, onGrid(found, values.map(minusLog)));
  }
  const mask = Uint8Array.from(onGrid(found, new Uint8Array(found.voxels.length).fill(1)));
  await files.image("mask", mask);
  await files.image("clusters", Int32Array.from(onGrid(found, found.clusterLabels)));
}

/** −log₁₀ p, not −0 for 1. */
function minusLog(p: number): number {
  return p === 1 ? 0 : -Math.log10(p);
}

async function writeClusters(files: FindingFiles, { clusters, regions, tails }: Comparison): Promise<void> {
  const rows = clusters.map(({ peakAt, center, ...cluster }) => ({
    ...{ cluster: cluster.cluster, sign: cluster.sign, voxels: cluster.voxels, volume_mm3: cluster.volume },
    ...{ mass: cluster.mass, peak: cluster.peak },
    ...{ peak_x: peakAt[0], peak_y: peakAt[1], peak_z: peakAt[2] },
    ...{ center_x: center[0], center_y: center[1], center_z: center[2] },
    ...{ p_fwe_size: cluster.pFweSize, p_fwe_mass: cluster.pFweMass, region: cluster.region },
    ...{ p_fwe_size_se: cluster.pFweSizeError, p_fwe_mass_se: cluster.pFweMassError },
  }));
  const columns = [
    ...["cluster", "sign", "voxels", "volume_mm3", "mass", "peak", "peak_x", "peak_y", "peak_z"],
    ...["center_x", "center_y", "center_z", "p_fwe_size", "p_fwe_mass"],
    ...(regions.length > 0 ? ["region"] : []),
    ...(tails === undefined ? [] : ["p_fwe_size_se", "p_fwe_mass_se"]),
  ];
  await files.table("clusters.tsv", columns, rows);
}

async function writeTestedRegions(files: FindingFiles, { regions, tails }: Comparison): Promise<void> {
  if (regions.length === 0) return;
  const rows = regions.map((region) => ({
    ...{ index: region.index, name: region.name, voxels: region.voxels, volume_mm3: region.volume },
    ...{ mean_a: region.meanA, mean_b: region.meanB, gain: region.gain, difference: region.difference },
    ...{ t: region.t, cohens_d: region.cohensD, hedges_g: region.hedgesG },
    ...{ p: region.p, p_fwe: region.pFwe, q_fdr: region.qFdr },
    ...{ p_se: region.pError, p_fwe_se: region.pFweError },
  }));
  const columns = [
    ...["index", "name", "voxels", "volume_mm3", "mean_a", "mean_b", "gain", "difference", "t"],
    ...["cohens_d", "hedges_g", "p", "p_fwe", "q_fdr"],
    ...(tails === undefined ? [] : ["p_se", "p_fwe_se"]),
  ];
  await files.table("regions.tsv", columns, rows);
}

async function writeNull(files: FindingFiles, found: Comparison): Promise<void> {
  const maxima = {
    ...{ max_t: found.null.maxT, max_tfce: found.null.maxTfce },
    ...{ max_cluster_size: found.null.maxClusterSize, max_cluster_mass: found.null.maxClusterMass },
    ...(found.null.maxRegionT.length > 0 && { max_region_t: found.null.maxRegionT }),
  };
  const rows = Array.from({ length: found.null.maxT.length }, (_, k) =>
    Object.fromEntries(Object.entries(maxima).map(([column, values]) => [column, values[k]])),
  );
  await files.table("null.tsv", Object.keys(maxima), rows);
}

async function writeRows(files: FindingFiles, { plan, a, b }: Omit<PlannedComparison, "set">): Promise<void> {
  const fileOf = (source: MapSource | undefined) => (index: number) => {
    const place = source?.maps[index]?.place;
    return place === undefined ? [] : [`${place.source.name}/${place.below}`];
  };
  const rows = plan.rows.map((row) => ({
    participant_id: row.participant,
    sessions: row.sessions.map((session) => session || "n/a").join(","),
    group: row.group,
    ...Object.fromEntries(plan.covariates.map((name, k) => [name, row.covariates[k]])),
    maps: [...row.a.flatMap(fileOf(a)), ...row.b.flatMap(fileOf(b))].join(","),
    positive_label: (row.group === "a" ? a : b)?.positive,
  }));
  const hasOutcomes = a.positive !== undefined || b?.positive !== undefined;
  const columns = ["participant_id", "sessions", "group", ...plan.covariates, "maps"];
  await files.table("participants.tsv", [...columns, ...(hasOutcomes ? ["positive_label"] : [])], rows);
}
