import { type Cluster, clusters } from "@voxplain/group-analysis";
import type { Found, PeaksRequest } from "./protocol.ts";

/** Clusters of the voxels of one map that are beyond a threshold, the largest first. */
export function findPeaks({ map: { data, shape, affine }, threshold, absolute }: PeaksRequest): Found {
  const values = absolute ? data.map(Math.abs) : data;
  // Only these can be in a cluster: the others need no place in its search.
  const beyond = Int32Array.from(indicesBeyond(values, threshold));
  const found = clusters(
    Float32Array.from(beyond, (index) => values[index] ?? 0),
    { shape, affine },
    beyond,
    threshold,
    { connectivity: 26 },
  );
  const rows = found.clusters.map(rowOf);
  const table = {
    name: "clusters.tsv",
    columns: peakColumns,
    rows,
    count: rows.length,
    bytes: new Uint8Array(),
  };
  return { tables: [table], images: new Map(), facts: {}, summary: "", warnings: [] };
}

const peakColumns = [
  "cluster",
  "sign",
  "voxels",
  "volume_mm3",
  "peak",
  "peak_x",
  "peak_y",
  "peak_z",
] as const;

function rowOf({ cluster, sign, voxels, volume, peak, peakAt: [x, y, z] }: Cluster) {
  return { cluster, sign, voxels, volume_mm3: volume, peak, peak_x: x, peak_y: y, peak_z: z };
}

function* indicesBeyond(values: Float32Array, threshold: number) {
  for (let index = 0; index < values.length; index++) {
    if (Math.abs(values[index]!) > threshold) yield index;
  }
}
