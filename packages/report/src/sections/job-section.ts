import { type Html, html } from "../html/html.ts";
import { counted } from "../html/numbers.ts";
import { facts, longTable, picture, table } from "../html/pieces.ts";
import type { ReportedJob, ReportedTable } from "../report.ts";
import { confusion } from "./confusion.ts";

/** Maps or predictions of a cohort. */
export function jobSection(job: ReportedJob): Html {
  return html`${asked(job)}${cohort(job)}${predictions(job)}${maps(job)}${typicality(job)}${checks(job)}`;
}

function asked({ kind, explained, method, model, cohort: { sessions } }: ReportedJob): Html {
  const what = {
    maps: sessions === 1 ? "A map of one session" : "A map for each session",
    "mean map": "The mean map of all sessions",
    predictions: "Predictions of each session",
  }[kind];
  const of = explained === undefined || kind === "predictions" ? "" : ` of ${explained}`;
  const file = { name: "weights", value: model.file };
  const digest = { name: "SHA-256 of the weights", value: model.sha256 };
  return html`<h3>What was asked</h3>
<p>${what}${of}${method === undefined ? "" : `, by ${method.title}: ${method.summary}`}.</p>
${method === undefined ? "" : facts(method.options)}
<h3>Model</h3>
${facts([{ name: "architecture", value: model.architecture }, ...model.facts, file, digest])}`;
}

function cohort({ cohort: { sessions, participants, facts: known, leftOut } }: ReportedJob): Html {
  const rows = leftOut.map(({ session, reason }) => ({ session, reason }));
  return html`<h3>Cohort</h3>
<p>${counted(sessions, "session")} of ${counted(participants, "participant")}.</p>
${facts(known)}
${
  rows.length === 0
    ? html`<p>No session was left out.</p>`
    : longTable(
        { columns: ["session", "reason"], rows },
        { caption: `Left out: ${counted(rows.length, "session")}`, file: "errors.tsv" },
      )
}`;
}

function predictions({ predictions: rows, metrics, shares, metricsNote }: ReportedJob): Html {
  if (rows === undefined) return html``;
  return html`<h3>Predictions</h3>
${metrics !== undefined && table(metrics, { caption: "Metrics" })}
${shares !== undefined && table(shares, { caption: "Shares of right predictions, with Wilson's 95 % intervals", headings: { of: "of sessions" } })}
${metricsNote === undefined ? "" : html`<p class="soft">${metricsNote}</p>`}
${confusion(rows)}
${longTable(withWarnings(rows), { caption: "Predictions", file: "predictions.tsv", missing: noWarning, show: (column, cell) => (column === "warnings" ? String(cell) : undefined) })}`;
}

/** Without the column of warnings where there are none. */
function withWarnings({ columns, rows }: ReportedTable): ReportedTable {
  const isAny = rows.some(({ warnings }) => warnings !== undefined && warnings !== null && warnings !== "");
  return { columns: isAny ? columns : columns.filter((column) => column !== "warnings"), rows };
}

function noWarning(column: string): string | undefined {
  return column === "warnings" ? "none" : undefined;
}

function maps({ kind, cohort: { sessions }, pictures, map = [] }: ReportedJob): Html {
  if (pictures.length === 0 && map.length === 0) return html``;
  const title = kind === "mean map" ? "Group map" : sessions === 1 ? "Map" : "Mean map";
  return html`<h3>${title}</h3>${pictures.map(picture)}${facts(map)}`;
}

/** What "typical" means; the numbers are of `typicality` of group-analysis. */
const definition =
  "A session is typical where its map correlates with the mean of the maps of all other sessions (Pearson, over voxels; for that " +
  "mean each map is divided by its mean |m|, so that no session decides it by its scale). The column mean |m| is the strength of the map.";

function typicality({ typicality: found }: ReportedJob): Html {
  if (found === undefined) return html``;
  const { table: rows, typical, extreme } = found;
  return html`<h3>Typical and extreme sessions</h3>
<p class="soft">${definition}</p>
${typical.length > 0 && html`<h4>Most typical</h4><div class="pair">${typical.map(picture)}</div>`}
${extreme.length > 0 && html`<h4>Least typical</h4><div class="pair">${extreme.map(picture)}</div>`}
${longTable(rows, { caption: "Sessions, the most typical first", headings: { strength: "mean |m|", correlation: "correlation with the others" } })}`;
}

function checks({ checks: rows, curves }: ReportedJob): Html {
  if (rows === undefined) return html``;
  return html`<h3>Checks of the maps</h3>
${table(rows, { caption: "Quantities over all maps" })}
<div class="pair">${curves.map(picture)}</div>`;
}
