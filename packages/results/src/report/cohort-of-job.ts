import type { Fact, ReportedCohort } from "@voxplain/report";
import { meanAndDeviation, rangeOf } from "../tables/mean-and-deviation.ts";
import type { StoredObject } from "./stored-json.ts";
import type { StoredTable } from "./stored-table.ts";

/** Columns that describe a cohort without identifying participants. */
const described = ["diagnosis", "group", "sex", "gender", "site", "age", "cohort"];

/** Whose images are in a job, and who was left out. */
export function cohortOfJob(
  data: StoredTable,
  predictions: StoredTable | undefined,
  errors: StoredTable | undefined,
  options: StoredObject,
): ReportedCohort {
  const keyOf = (cells: Readonly<Record<string, string>>) =>
    JSON.stringify([cells.participant_id ?? cells.image ?? "", visit(cells)]);
  const used = new Set(data.rows.map(keyOf));
  const keepTrue = options.all.keep_true;
  const reason =
    keepTrue === true
      ? "its prediction is wrong (--keep_true true)"
      : keepTrue === false
        ? "its prediction is right (--keep_true false)"
        : "it was predicted, and is not in the result";
  const notKept = (predictions?.rows ?? []).filter((row) => !used.has(keyOf(row)));
  const failed = errors?.rows ?? [];
  const label = options.text("label");
  const columns = [...new Set([...(label === undefined ? [] : [label]), ...described])];
  return {
    sessions: data.rows.length,
    participants: new Set(
      data.rows.map(({ cohort = "", participant_id = "" }) => JSON.stringify([cohort, participant_id])),
    ).size,
    facts: columns.flatMap((column) => (data.columns.includes(column) ? factOf(column, data) : [])),
    leftOut: [
      ...failed.map((row) => ({ session: nameOf(row), reason: row.reason ?? row.error ?? "" })),
      ...notKept.map((row) => ({ session: nameOf(row), reason })),
    ],
  };
}

function visit({ session_id = "" }: Readonly<Record<string, string>>): string {
  return session_id === "n/a" ? "" : session_id;
}

/** As messages name a session. */
function nameOf(cells: Readonly<Record<string, string>>): string {
  const name = cells.participant_id ?? cells.image ?? "";
  return visit(cells) === "" ? name : `${name} ${visit(cells)}`;
}

/** Counts of few values; mean, standard deviation and range of numbers. */
function factOf(column: string, { rows }: StoredTable): Fact[] {
  const cells = rows.map((row) => row[column]?.trim() ?? "").filter((cell) => cell !== "" && cell !== "n/a");
  if (cells.length === 0) return [];
  const numbers = cells.map(Number);
  const missing = rows.length - cells.length;
  const rest = missing === 0 ? "" : `, unknown ${missing}`;
  const counts = new Map<string, number>();
  for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  if (numbers.every((value) => Number.isFinite(value)) && (counts.size > 2 || column === "age")) {
    return [{ name: column, value: `${describe(numbers)}${rest}` }];
  }
  // A single cohort is no fact about anyone.
  if (column === "cohort" && counts.size === 1) return [];
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = sorted.slice(0, 12).map(([value, count]) => `${value} ${count}`);
  const others = sorted.length > shown.length ? `, and ${sorted.length - shown.length} other values` : "";
  return [{ name: column, value: `${shown.join(", ")}${others}${rest}` }];
}

function describe(values: readonly number[]): string {
  const { mean, deviation } = meanAndDeviation(values);
  const { least, most } = rangeOf(values);
  const range = `${least} to ${most}`;
  if (deviation === null) return String(mean);
  return `${mean.toFixed(1)} ± ${deviation.toFixed(1)} (${range})`;
}
