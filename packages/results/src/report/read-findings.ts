import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Volume } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import type {
  ReportedAgreement,
  ReportedComparison,
  ReportedLocalization,
  ReportedPicture,
  ReportedRegions,
} from "@voxplain/report";
import { volumeIfThere, volumeIn } from "../maps/read-map.ts";
import type { Anatomies } from "./anatomy.ts";
import type { OpenedResult } from "./open-result.ts";
import { glassPicture, planesPicture } from "./pictures.ts";
import type { ReadOptions } from "./read-options.ts";
import { recordOf, sourcesOf } from "./record.ts";
import { type StoredObject, storedJson } from "./stored-json.ts";
import { type StoredTable, storedTable, tableIfThere } from "./stored-table.ts";

/** A folder of `voxplain regions`. */
export async function readRegions(
  opened: OpenedResult,
  { anatomies }: ReadOptions,
): Promise<ReportedRegions> {
  const { source } = opened;
  const stored = await storedJson(source, "regions.json");
  const sources = sourcesOf(stored);
  const pictures: ReportedPicture[] = [];
  for (const k of sources.keys()) {
    const prefix = sources.length === 1 ? "" : `source-${k + 1}_`;
    const mean = await volumeIfThere(source, `${prefix}mean_all.nii.gz`);
    if (mean === undefined) continue;
    const what = sources.length === 1 ? "the mean of all maps" : `the mean of all maps of source ${k + 1}`;
    pictures.push(await planesPicture(mean, await anatomyOfSources(stored, anatomies, mean), { what }));
  }
  const groups = await storedTable(source, "regions_groups.tsv");
  return { ...recordOf(opened, stored), kind: "regions", sources, groups, pictures };
}

/** A folder of `voxplain agreement`. */
export async function readAgreement(opened: OpenedResult): Promise<ReportedAgreement> {
  const { source } = opened;
  const stored = await storedJson(source, "agreement.json");
  const summary = await storedTable(source, "agreement_summary.tsv");
  const sessions = await storedTable(source, "agreement.tsv");
  return { ...recordOf(opened, stored), kind: "agreement", sources: sourcesOf(stored), summary, sessions };
}

/** A folder of `voxplain localize`. */
export async function readLocalization(opened: OpenedResult): Promise<ReportedLocalization> {
  const { source } = opened;
  const stored = await storedJson(source, "localize.json");
  const sessions = await storedTable(source, "localization.tsv");
  return { ...recordOf(opened, stored), kind: "localization", sources: sourcesOf(stored), sessions };
}

/** What a corrected p has to be at most. */
const level = 0.05;

/** A folder of `voxplain compare`. */
export async function readComparison(
  opened: OpenedResult,
  { anatomies }: ReadOptions,
): Promise<ReportedComparison> {
  const { source } = opened;
  const stored = await storedJson(source, "compare.json");
  const record = recordOf(opened, stored);
  const clusters = await storedTable(source, "clusters.tsv");
  const { options: _, sources: __, outputs: ___, ...facts } = stored.all;
  const statistic = String(record.options.statistic ?? "t");
  const map = await volumeIn(source, `${statistic}.nii.gz`);
  const mask = (await volumeIn(source, "mask.nii.gz")).data;
  const labels = (await volumeIn(source, "clusters.nii.gz")).data;
  const [byVoxel, byTfce] = [
    (await volumeIn(source, "p_fwe_t.nii.gz")).data,
    (await volumeIfThere(source, "p_fwe_tfce.nii.gz"))?.data,
  ];
  const anatomy = await anatomyOfSources(stored, anatomies, map);
  const isIn = (v: number) => mask[v] !== 0;
  const errorOf = (test: string) => stored.object("tails").object(test).number("smallest_p_se");
  const pictures = [
    await glassBrain({ map, labels, p: byTfce ?? byVoxel, isIn }, { clusters, anatomy, mask, statistic }),
    await planesPicture({ ...map, data: map.data.map((value, v) => (isIn(v) ? value : 0)) }, anatomy, {
      what: `the statistic ${statistic}`,
      more: "not thresholded",
    }),
  ];
  return {
    ...record,
    ...{ kind: "comparison", sources: sourcesOf(stored), facts, clusters, pictures },
    regions: await tableIfThere(source, "regions.tsv"),
    voxels: [
      { by: "t", ...smallestOf(byVoxel, isIn), error: errorOf("max_t") },
      ...(byTfce === undefined
        ? []
        : [{ by: "TFCE", ...smallestOf(byTfce, isIn), error: errorOf("max_tfce") }]),
    ],
    nullMaxima: await nullMaximaOf(opened, map, isIn, record.options.alternative),
  };
}

function smallestOf(p: Float32Array, isIn: (v: number) => boolean) {
  let [significant, smallest] = [0, 1];
  p.forEach((value, v) => {
    if (!isIn(v)) return;
    smallest = Math.min(smallest, value);
    // The maps are float32, in which 0.05 is a little more than that.
    if (value <= level + 1e-8) significant++;
  });
  return { significant, smallest };
}

interface Tested {
  readonly map: Volume;
  readonly labels: Float32Array;
  readonly p: Float32Array;
  readonly isIn: (v: number) => boolean;
}

/** The significant voxels; where there are none, those of clusters, which are said to be no finding. */
async function glassBrain(
  { map, labels, p, isIn }: Tested,
  {
    clusters,
    anatomy,
    mask,
    statistic,
  }: {
    readonly clusters: StoredTable;
    readonly anatomy: Volume | undefined;
    readonly mask: Float32Array;
    readonly statistic: string;
  },
): Promise<ReportedPicture> {
  const isAny = smallestOf(p, isIn).significant > 0;
  const isShown = (v: number) => isIn(v) && (isAny ? (p[v] ?? 1) <= level + 1e-8 : labels[v] !== 0);
  const data = map.data.map((value, v) => (isShown(v) ? value : 0));
  const what = `the statistic ${statistic} where ${isAny ? "corrected p ≤ 0.05" : "it exceeds the cluster-forming threshold"}`;
  const more = isAny ? undefined : "no voxel is significant";
  const peaks = marked(clusters);
  const said =
    peaks.length === 0
      ? more
      : [more, "numbers mark the peaks of clusters"].filter((part) => part).join("; ");
  return glassPicture(
    { ...map, data },
    { anatomy, mask, peaks },
    { what, ...(said !== undefined && { more: said }) },
  );
}

/** The most that are marked, without running into each other. */
const mostMarks = 8;

/** Significant clusters; else the three most significant. */
function marked({ rows }: StoredTable) {
  const p = (row: StoredTable["rows"][number]) =>
    Math.min(
      ...[row.p_fwe_size, row.p_fwe_mass].map((cell) =>
        cell === undefined || cell === "n/a" ? 2 : Number(cell),
      ),
    );
  const sorted = rows.toSorted((a, b) => p(a) - p(b));
  const significant = sorted.filter((row) => p(row) <= level);
  return (significant.length > 0 ? significant.slice(0, mostMarks) : sorted.slice(0, 3)).map((row) => ({
    at: [Number(row.peak_x), Number(row.peak_y), Number(row.peak_z)] as const,
    label: row.cluster ?? "",
  }));
}

async function nullMaximaOf(
  { source }: OpenedResult,
  { data }: Volume,
  isIn: (v: number) => boolean,
  alternative: unknown,
) {
  const table = await tableIfThere(source, "null.tsv");
  const values = (table?.rows ?? []).map(({ max_t }) => Number(max_t));
  if (values.length === 0 || values.some((value) => Number.isNaN(value))) return undefined;
  let observed = 0;
  data.forEach((value, v) => {
    if (!isIn(v) || !Number.isFinite(value)) return;
    const side = alternative === "greater" ? value : alternative === "less" ? -value : Math.abs(value);
    observed = Math.max(observed, side);
  });
  return { values, observed };
}

/** The anatomy of the first job among the sources that has images for it. */
async function anatomyOfSources(
  stored: StoredObject,
  anatomies: Anatomies,
  grid: Volume,
): Promise<Volume | undefined> {
  for (const one of stored.list("sources")) {
    const path = one.text("path");
    if (path === undefined || one.text("kind") !== "job" || !existsSync(join(path, "provenance.json")))
      continue;
    const anatomy = await anatomies.ofJob(await storedJson(directory(path), "provenance.json"), grid);
    if (anatomy !== undefined) return anatomy;
  }
  return anatomies.ofJob(stored, grid);
}
