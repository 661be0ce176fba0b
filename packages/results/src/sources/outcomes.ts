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

/**
 * The outcome of each session of a finished job, from its predictions.tsv: with the positive class that its metrics.tsv names, else
 * class 1, a session is TP (truly and predicted positive), FP, TN or FN. Sessions have none where there are not two classes, or no
 * true label.
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
  const named = (await tableIn(job, "metrics.tsv"))?.rows[0]?.fields.positive_label ?? "";
  const judged = rows.map(({ fields }) => fields);
  const positive = named === "" ? "1" : nodeOf(named, judged, data, job);
  const classes = ["0", "1"];
  const hasCohort = columns.includes("cohort");
  const of = new Map<string, string>();
  for (const { cohort = "", ...cells } of judged) {
    const { true_label: truth = "", predicted_label: predicted = "" } = cells;
    if (!classes.includes(truth) || !classes.includes(predicted)) continue;
    const isRight = truth === predicted ? "T" : "F";
    const isPositive = predicted === positive ? "P" : "N";
    of.set(sessionKey({ ...cells, ...(hasCohort && { cohort }) }), `${isRight}${isPositive}`);
  }
  return { positive: named === "" ? "class 1" : named, of };
}

async function tableIn(source: FileSource, below: string): Promise<Table | undefined> {
  return (await source.open(below)) === undefined ? undefined : readTableFile({ source, below });
}

/**
 * The number of the class with a name: the true label of the sessions that have this name in a column of data.tsv. Values of
 * one class are joined by "/".
 */
function nodeOf(
  name: string,
  judged: readonly Readonly<Record<string, string>>[],
  data: Table,
  job: FileSource,
): string {
  const [, numbered] = /^class (\d+)$/.exec(name) ?? [];
  if (numbered !== undefined) return numbered;
  const values = name.split("/");
  const truthOf = new Map(
    judged.map((cells) => [sessionKey({ ...cells, cohort: "" }), cells.true_label ?? ""]),
  );
  for (const column of ["diagnosis", ...data.columns]) {
    const found = { inside: new Set<string>(), outside: new Set<string>() };
    for (const { fields } of data.rows) {
      const truth = truthOf.get(sessionKey({ ...fields, cohort: "" }));
      const value = fields[column];
      if (truth === undefined || truth === "" || value === undefined || value === "") continue;
      found[values.includes(value) ? "inside" : "outside"].add(truth);
    }
    const [node, ...others] = found.inside;
    if (node !== undefined && others.length === 0 && !found.outside.has(node)) return node;
  }
  const truths = new Set([...truthOf.values()].filter((truth) => truth !== ""));
  const [only] = truths;
  // None of the sessions is truly positive.
  if (truths.size === 1 && only !== undefined && !mentions(data, values)) return only === "0" ? "1" : "0";
  throw new VoxplainError(
    "invalid-file",
    `nothing says which class of predictions.tsv is the positive label "${name}" of metrics.tsv`,
    { file: job.name, hint: "add a column with the labels to data.tsv" },
  );
}

function mentions({ columns, rows }: Table, values: readonly string[]): boolean {
  return rows.some(({ fields }) => columns.some((column) => values.includes(fields[column] ?? "")));
}
