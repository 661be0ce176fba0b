import { readTableFile, type Table } from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";

/** How the predictions of a job came out. */
export interface Outcomes {
  /** What the positive class is called. */
  readonly positive: string;
  /** TP, FP, TN or FN by the key of a session; those that are missing have none. */
  readonly of: ReadonlyMap<string, string>;
}

/** A session in a table of a job: its cohort, where the table has one, and its IDs. */
export function sessionKey(cells: Readonly<Record<string, string>>): string {
  const { cohort = "", participant_id = "", session_id = "" } = cells;
  return JSON.stringify([cohort, participant_id, session_id === "n/a" ? "" : session_id]);
}

/** A table of a job, as text. */
export interface Cells {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** The class that is called positive. */
export interface PositiveClass {
  /** Its number, as in true_label. */
  readonly node: string;
  /** "AD", "class 1". */
  readonly name: string;
}

/**
 * The outcome of each session of a finished job, from its predictions.tsv: with the positive class of `positiveClass`, a session is
 * TP (truly and predicted positive), FP, TN or FN. Sessions have none where there are not two classes, or no true label.
 * @param data - The table data.tsv of the job.
 * @returns undefined for a job without predictions of two classes.
 * @throws VoxplainError `invalid-file` naming the file, where nothing says which class the positive label is.
 */
export async function readOutcomes(job: FileSource, data: Table): Promise<Outcomes | undefined> {
  const predictions = await tableIn(job, "predictions.tsv");
  if (predictions === undefined) return undefined;
  const { columns, rows } = predictions;
  const isBinary = columns.includes("proba1") && !columns.includes("proba2");
  if (!isBinary || !columns.includes("true_label") || !columns.includes("predicted_label")) return undefined;
  const judged = rows.map(({ fields }) => fields);
  const people = { columns: data.columns, rows: data.rows.map(({ fields }) => fields) };
  const positive = await positiveClass(job, people, judged);
  const classes = ["0", "1"];
  const hasCohort = columns.includes("cohort");
  const of = new Map<string, string>();
  for (const { cohort = "", ...cells } of judged) {
    const { true_label: truth = "", predicted_label: predicted = "" } = cells;
    if (!classes.includes(truth) || !classes.includes(predicted)) continue;
    const isRight = truth === predicted ? "T" : "F";
    const isPositive = predicted === positive.node ? "P" : "N";
    of.set(sessionKey({ ...cells, ...(hasCohort && { cohort }) }), `${isRight}${isPositive}`);
  }
  return { positive: positive.name, of };
}

/**
 * The positive class of two: the one that metrics.tsv names, else class 1. Jobs that have no metrics.tsv, as those of `interpret`, are judged
 * as `predict` would: by AD, where that is class 0, as in a MAPS, which numbers its classes by their names.
 * @param data - data.tsv.
 * @param judged - The rows of predictions.tsv.
 * @throws VoxplainError `invalid-file` naming the folder, where nothing says which class the positive label is.
 */
export async function positiveClass(
  job: FileSource,
  data: Cells,
  judged: Cells["rows"],
): Promise<PositiveClass> {
  const metrics = await tableIn(job, "metrics.tsv");
  const named = metrics?.rows[0]?.fields.positive_label ?? "";
  if (named !== "") return { node: nodeOf(named, judged, data, job), name: named };
  const truthOf = truths(judged);
  const isClass0 = (column: string) => classesBy(column, data, truthOf)?.get("AD") === "0";
  if (metrics === undefined && data.columns.some(isClass0)) return { node: "0", name: "AD" };
  return { node: "1", name: "class 1" };
}

/** The class of each value of a column; undefined where the sessions of a value have different classes. */
function classesBy(column: string, data: Cells, truthOf: ReadonlyMap<string, string>) {
  const found = new Map<string, string>();
  for (const cells of data.rows) {
    const truth = truthOf.get(sessionKey({ ...cells, cohort: "" })) ?? "";
    const value = cells[column] ?? "";
    if (truth === "" || value === "") continue;
    if ((found.get(value) ?? truth) !== truth) return undefined;
    found.set(value, truth);
  }
  return found;
}

/** The true label of each session. */
function truths(judged: Cells["rows"]): ReadonlyMap<string, string> {
  return new Map(judged.map((cells) => [sessionKey({ ...cells, cohort: "" }), cells.true_label ?? ""]));
}

async function tableIn(source: FileSource, below: string): Promise<Table | undefined> {
  return (await source.open(below)) === undefined ? undefined : readTableFile({ source, below });
}

/**
 * The number of the class with a name: the true label of the sessions that have this name in a column of data.tsv. Values of
 * one class are joined by "/".
 */
function nodeOf(name: string, judged: Cells["rows"], data: Cells, job: FileSource): string {
  const [, numbered] = /^class (\d+)$/.exec(name) ?? [];
  if (numbered !== undefined) return numbered;
  const values = name.split("/");
  const truthOf = truths(judged);
  for (const column of ["diagnosis", ...data.columns]) {
    const found = { inside: new Set<string>(), outside: new Set<string>() };
    for (const cells of data.rows) {
      const truth = truthOf.get(sessionKey({ ...cells, cohort: "" }));
      const value = cells[column];
      if (truth === undefined || truth === "" || value === undefined || value === "") continue;
      found[values.includes(value) ? "inside" : "outside"].add(truth);
    }
    const [node, ...others] = found.inside;
    if (node !== undefined && others.length === 0 && !found.outside.has(node)) return node;
  }
  const known = new Set([...truthOf.values()].filter((truth) => truth !== ""));
  const [only] = known;
  // None of the sessions is truly positive.
  if (known.size === 1 && only !== undefined && !mentions(data, values)) return only === "0" ? "1" : "0";
  throw new VoxplainError(
    "invalid-file",
    `nothing says which class of predictions.tsv is the positive label "${name}" of metrics.tsv`,
    { file: job.name, hint: "add a column with the labels to data.tsv" },
  );
}

function mentions({ columns, rows }: Cells, values: readonly string[]): boolean {
  return rows.some((cells) => columns.some((column) => values.includes(cells[column] ?? "")));
}
