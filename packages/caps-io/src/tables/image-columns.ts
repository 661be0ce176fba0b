import { VoxplainError } from "@voxplain/core";
import { someColumns, type Table } from "./read-table.ts";
import { renameColumns } from "./rename-columns.ts";

/** The columns that a table of images has names for, beside that of the labels. */
const known = ["participant_id", "session_id", "image", "path", "cohort"] as const;

/**
 * A table of images in which the known columns and that of the labels have their own names, whatever their case was.
 * @param label - The column of the labels, which has to be there; undefined where "diagnosis" is taken if it is there.
 * @throws VoxplainError `invalid-file` or `invalid-argument` with everything that is wrong with the columns: one is missing,
 * there twice or reserved.
 */
export function withKnownColumns({ columns, rows }: Table, label: string | undefined, file: string): Table {
  const names = new Map<string, string>();
  const wrong: VoxplainError[] = [];
  const refuse = (problem: string, hint?: string) =>
    wrong.push(new VoxplainError("invalid-file", problem, { file, found: someColumns(columns), hint }));
  for (const name of known) {
    const alike = columns.filter((column) => column.toLowerCase() === name);
    if (alike.length > 1) refuse(`it has several columns that may be ${name}: ${alike.join(" and ")}`);
    for (const column of alike) names.set(column, name);
  }
  const wanted = label ?? "diagnosis";
  const labels = columns.filter((column) => column.toLowerCase() === wanted.toLowerCase());
  const [only] = labels;
  if (columns.includes(wanted)) names.set(wanted, wanted);
  else if (labels.length > 1) refuse(`it has several columns that may be ${wanted}: ${labels.join(" and ")}`);
  else if (only !== undefined && !names.has(only)) names.set(only, wanted);
  else if (label !== undefined) {
    wrong.push(
      new VoxplainError("invalid-argument", `it has no column "${label}" (--label)`, {
        file,
        found: someColumns(columns),
      }),
    );
  }
  const has = (name: (typeof known)[number]) => [...names.values()].includes(name);
  if (!has("participant_id")) refuse('it has no column "participant_id"', hintForCohorts(has));
  if (has("image") && has("path")) {
    refuse(
      'it has a column "image" and a column "path", which mean the same',
      "remove or rename one of them",
    );
  }
  if (!has("image") && !has("path")) {
    refuse(
      'it has no column "image" (or "path") with the file of each image',
      "a list of sessions without files belongs to a CAPS (--caps_dir and --tsv_path)",
    );
  }
  const reserved = columns.filter((column) => /^image_\d+$/i.test(column));
  if (reserved.length > 0) {
    refuse(
      `${someColumns(reserved)} is reserved for further images of a session, which are not read yet`,
      "give the column another name, or remove it",
    );
  }
  const [first, ...others] = wrong;
  if (first !== undefined && others.length === 0) throw first;
  if (first !== undefined) {
    throw new VoxplainError(first.code, wrong.map(({ message }) => message).join("\n"), {
      problems: wrong,
      hasLines: true,
    });
  }
  return renameColumns({ columns, rows }, names);
}

function hintForCohorts(has: (name: "cohort" | "path") => boolean): string | undefined {
  return has("cohort") && has("path")
    ? "if it is a table of several cohorts, say so (--multi_cohort)"
    : undefined;
}
