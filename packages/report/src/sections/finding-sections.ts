import { type Html, html } from "../html/html.ts";
import { counted, numberIn, pText, shortNumber } from "../html/numbers.ts";
import { facts, longTable, picture, table } from "../html/pieces.ts";
import type {
  ReportedAgreement,
  ReportedComparison,
  ReportedLocalization,
  ReportedRegions,
  ReportedSource,
  ReportedTable,
} from "../report.ts";
import { histogram } from "./histogram.ts";

/** Where maps are from. */
function sourcesOf(sources: readonly ReportedSource[], letters: readonly string[] = []): Html {
  const items = sources.map(({ text, maps, positive }, k) => ({
    name: letters[k] ?? `source ${k + 1}`,
    value: `${text} (${counted(maps, "map")}${positive === undefined ? "" : `; positive: ${positive}`})`,
  }));
  return facts(items);
}

/** Tables of regions. */
export function regionsSection({ sources, groups, pictures }: ReportedRegions): Html {
  const named = groups.rows.filter(({ index }) => String(index) !== "0");
  const byEnrichment = named.toSorted(
    (a, b) => (numberIn(b.enrichment) || 0) - (numberIn(a.enrichment) || 0),
  );
  const columns = [
    "name",
    "source",
    "group",
    "maps",
    "voxels",
    "coverage",
    "mean",
    "mean_abs",
    "share",
    "enrichment",
  ];
  const rest = ["sum", "peak", "peak_x", "peak_y", "peak_z"];
  const all = {
    columns: [...columns, ...rest].filter((column) => groups.columns.includes(column)),
    rows: groups.rows,
  };
  const top = { columns: all.columns.filter((column) => !rest.includes(column)), rows: byEnrichment };
  return html`<h3>What was asked</h3>
<p>What the maps hold in the regions of an atlas. Enrichment is the share of Σ|m| in a region divided by the region's share of the volume: 1 is chance.</p>
${sourcesOf(sources)}
${pictures.map(picture)}
<h3>Regions</h3>
${longTable(top, { caption: "Regions of the mean maps, the most enriched first", file: "regions_groups.tsv" })}`;
}

/** A comparison of two groups, of pairs, or with 0. */
export function comparisonSection(comparison: ReportedComparison): Html {
  const { sources, facts: known, pictures, voxels, nullMaxima } = comparison;
  const isOneSample = sources.length < 2;
  const number = (key: string) => String(known[key] ?? "n/a");
  const design = [
    { name: "rows of A", value: number("n_a") },
    ...(isOneSample ? [] : [{ name: "rows of B", value: number("n_b") }]),
    { name: "degrees of freedom", value: number("df") },
    { name: "voxels analysed", value: number("voxels") },
    {
      name: "relabellings",
      value: `${number("permutations")}${known.exact === true ? ", all that exist" : ""}`,
    },
    { name: "cluster-forming threshold", value: shortNumber(Number(known.cluster_threshold ?? Number.NaN)) },
  ];
  return html`<h3>What was asked</h3>
<p>${isOneSample ? "Is the mean of A different from zero?" : "Where do A and B differ? Positive values: A is larger."}</p>
${sourcesOf(sources, ["A", "B"])}
${facts(design)}
<h3>Result</h3>
<ul>${voxels.map(
    ({ by, significant, smallest, error }) =>
      html`<li>${by === "TFCE" ? "TFCE" : "Voxels"}: ${
        significant === 0 ? "no voxel" : counted(significant, "voxel")
      } with p<sub>FWE</sub> ≤ 0.05; the smallest is ${pWithError(smallest, error)}.</li>`,
  )}</ul>
${pictures.map(picture)}
${nullMaxima !== undefined && histogram(nullMaxima.values, nullMaxima.observed)}
<h3>Clusters</h3>
${clusterTable(comparison)}
${comparison.regions !== undefined && testedRegions(comparison.regions)}`;
}

const isP = (column: string) => /^(p|p_fwe.*|q_fdr)$/.test(column);

/** A p-value with its standard error, where the table has it, marked where it is at most 0.05 after correction. */
function showP(column: string, cell: string | number, row: ReportedTable["rows"][number]): Html | undefined {
  if (column === "peak_at") return html`<span class="number">${cell}</span>`;
  if (!isP(column)) return undefined;
  const p = numberIn(cell);
  if (Number.isNaN(p)) return undefined;
  const text = pWithError(p, numberIn(row[`${column}_se`]));
  // Not by colour alone.
  return p <= 0.05 && column !== "p"
    ? html`<strong class="significant">${text}<span aria-hidden="true"> *</span></strong>`
    : html`${text}`;
}

function pWithError(p: number, error = Number.NaN): string {
  return Number.isNaN(error) || p < 1e-4
    ? pText(p)
    : `${pText(p)} ± ${shortNumber(Number(error.toPrecision(2)))}`;
}

/** What marks mean. */
function legend({ columns }: ReportedTable): string {
  const hasErrors = columns.some((column) => /^p.*_se$/.test(column));
  return `* p ≤ 0.05 after correction.${hasErrors ? " ± is the standard error of p, which the number of relabellings causes." : ""}`;
}

function clusterTable({ clusters }: ReportedComparison): Html {
  if (clusters.rows.length === 0) return html`<p>No voxel exceeds the cluster-forming threshold.</p>`;
  const rows = clusters.rows.map((row) => ({
    ...row,
    peak_at: `[${[row.peak_x, row.peak_y, row.peak_z].map((value) => shortNumber(Number(numberIn(value).toFixed(1)))).join(" ")}]`,
  }));
  const byP = rows.toSorted((a, b) => smallestP(a) - smallestP(b));
  const wanted = [
    "cluster",
    "sign",
    "voxels",
    "volume_mm3",
    "mass",
    "peak",
    "peak_at",
    "region",
    "p_fwe_size",
    "p_fwe_mass",
  ];
  const columns = wanted.filter((column) => column === "peak_at" || clusters.columns.includes(column));
  return html`<p class="soft">${counted(rows.length, "cluster")}, the most significant first. ${legend(clusters)}</p>
${longTable({ columns, rows: byP }, { caption: "Clusters", headings: { peak_at: "peak at (mm)", volume_mm3: "mm³", p_fwe_size: "p FWE, size", p_fwe_mass: "p FWE, mass" }, show: showP, file: "clusters.tsv" }, 15)}`;
}

function smallestP(row: ReportedTable["rows"][number]): number {
  return Math.min(...[row.p_fwe_size, row.p_fwe_mass].map(numberIn).map((p) => (Number.isNaN(p) ? 2 : p)));
}

function testedRegions(regions: ReportedTable): Html {
  const p = (row: ReportedTable["rows"][number]) =>
    Number.isNaN(numberIn(row.p_fwe)) ? 2 : numberIn(row.p_fwe);
  const size = (row: ReportedTable["rows"][number]) => Math.abs(numberIn(row.t)) || 0;
  const rows = regions.rows.toSorted((a, b) => p(a) - p(b) || size(b) - size(a));
  const columns = [
    "name",
    "voxels",
    "mean_a",
    "mean_b",
    "difference",
    "t",
    "hedges_g",
    "p",
    "p_fwe",
    "q_fdr",
  ];
  const significant = rows.filter((row) => p(row) <= 0.05).length;
  return html`<h3>Regions</h3>
<p>${significant === 0 ? "No region" : counted(significant, "region")} with p<sub>FWE</sub> ≤ 0.05. <span class="soft">${legend(regions)}</span></p>
${longTable(
  { columns: columns.filter((column) => regions.columns.includes(column)), rows },
  {
    caption: "Regions, the most significant first",
    file: "regions.tsv",
    headings: { mean_a: "A", mean_b: "B", hedges_g: "Hedges' g", p_fwe: "p FWE", q_fdr: "q FDR" },
    show: showP,
  },
)}`;
}

/** Agreement between folds, methods or networks. */
export function agreementSection({ sources, summary, sessions }: ReportedAgreement): Html {
  return html`<h3>What was asked</h3>
<p>How far do the maps of each session agree between the sources?</p>
${sourcesOf(sources)}
<h3>Result</h3>
${sources.length > 2 && matrix(sources.length, summary)}
${longTable(summary, { caption: "Mean and standard deviation over the sessions, for each two sources", file: "agreement_summary.tsv" })}
${longTable(sessions, { caption: "Each session", file: "agreement.tsv" }, 0)}`;
}

/** Mean correlations of each source with each. */
function matrix(sources: number, { rows }: ReportedTable): Html {
  const numbers = Array.from({ length: sources }, (_, k) => String(k + 1));
  const meanOf = (a: string, b: string) =>
    rows.find(
      ({ source_a, source_b }) =>
        (String(source_a) === a && String(source_b) === b) ||
        (String(source_a) === b && String(source_b) === a),
    )?.pearson_mean;
  const square = {
    columns: ["source", ...numbers],
    rows: numbers.map((a) => ({
      source: `source ${a}`,
      ...Object.fromEntries(numbers.map((b) => [b, a === b ? "–" : meanOf(a, b)])),
    })),
  };
  const headings = Object.fromEntries(numbers.map((number) => [number, `source ${number}`]));
  return table(square, { caption: "Pearson's correlation, mean over the sessions", headings });
}

/** Localization against a known mask. */
export function localizationSection({ sources, sessions }: ReportedLocalization): Html {
  return html`<h3>What was asked</h3>
<p>How well do the maps point at a known place?</p>
${sourcesOf(sources)}
<h3>Result</h3>
${table(meansOf(sessions), { caption: "Mean and standard deviation over the sessions of each source" })}
${longTable(sessions, { caption: "Each session", file: "localization.tsv" }, 0)}`;
}

/** A row for each source. */
function meansOf({ columns, rows }: ReportedTable): ReportedTable {
  const quantities = columns.filter((column) => !["source", "participant_id", "session_id"].includes(column));
  const sources = [...new Set(rows.map(({ source }) => String(source ?? "1")))];
  return {
    columns: ["source", "sessions", ...quantities],
    rows: sources.map((source) => {
      const own = rows.filter((row) => String(row.source ?? "1") === source);
      const cells = quantities.map((column) => {
        const values = own.map((row) => numberIn(row[column])).filter((value) => Number.isFinite(value));
        return [column, meanAndDeviation(values)];
      });
      return { source, sessions: own.length, ...Object.fromEntries(cells) };
    }),
  };
}

/** "0.32 ± 0.05". */
function meanAndDeviation(values: readonly number[]): string {
  if (values.length === 0) return "n/a";
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return shortNumber(mean);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return `${shortNumber(mean)} ± ${shortNumber(Number(Math.sqrt(squares / (values.length - 1)).toPrecision(2)))}`;
}
