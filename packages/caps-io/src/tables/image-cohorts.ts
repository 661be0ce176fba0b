import { isVoxplainError, VoxplainError } from "@voxplain/core";
import type { Session } from "../cohorts/labels.ts";
import type { FilePlace } from "../file-place.ts";
import { listedNames } from "../names-in-sentences.ts";
import { type CohortRow, readCohortTable } from "./cohort-table.ts";
import type { ImageList } from "./image-list.ts";
import { sharedFiles } from "./shared-files.ts";

/**
 * Reads the images of several cohorts, which a table with the columns `cohort` and `path` lists. Participants are other
 * people in each cohort.
 * @param read - Reads the table or folder that a path in the table names.
 * @returns The columns of all lists, in the order in which they first occur, then `cohort`; the images in the order of the
 * table, each list in its own order. A list that cannot be read is among the `problems`.
 * @throws VoxplainError `invalid-file` naming table and line: a missing column, an empty field, a cohort that is listed
 * twice; `not-found` where it lists none.
 */
export async function readImageCohorts(
  place: FilePlace,
  read: (path: string) => Promise<ImageList>,
): Promise<ImageList> {
  const { rows } = await readCohortTable(place, ["cohort", "path"]);
  const lists: { readonly row: CohortRow; readonly list: ImageList }[] = [];
  const problems: VoxplainError[] = [];
  const refuse = ({ where }: CohortRow, error: VoxplainError) => {
    for (const { code, message, hasLines } of error.problems ?? [error]) {
      problems.push(new VoxplainError(code, message, { file: where, hasLines, cause: error }));
    }
  };
  for (const row of rows.values()) {
    try {
      const list = await read(row.path.replaceAll("\\", "/"));
      const problem = otherCohorts(list, row);
      if (problem === undefined) lists.push({ row, list });
      else problems.push(problem);
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      refuse(row, error);
    }
  }
  const columns = [...new Set(lists.flatMap(({ list }) => list.columns))].filter(
    (column) => column !== "cohort",
  );
  const unsure = lists.map(({ list }) => list.labelsOfProblems ?? []);
  const known = unsure.flatMap((labels) => (labels === "unknown" ? [] : labels));
  const isUnknown = problems.length > 0 || unsure.includes("unknown");
  const inCohort = <Of extends { readonly session: Session }>(one: Of, cohort: string): Of => ({
    ...one,
    session: { ...one.session, cohort, row: completeRow(one.session, columns, cohort) },
  });
  const images = lists.flatMap(({ row, list }) => list.images.map((image) => inCohort(image, row.cohort)));
  return {
    columns: [...columns, "cohort"],
    images,
    failures: lists.flatMap(({ row, list }) => list.failures.map((one) => inCohort(one, row.cohort))),
    problems: [...problems, ...lists.flatMap(({ list }) => list.problems)],
    labelsOfProblems: isUnknown ? "unknown" : known,
    notes: [...new Set([...lists.flatMap(({ list }) => list.notes), ...sharedFiles(images)])],
  };
}

/** A list may have a column of cohorts itself, if it names the same one. */
function otherCohorts({ images, failures }: ImageList, row: CohortRow): VoxplainError | undefined {
  const names = new Set([...images, ...failures].map(({ session }) => session.cohort));
  const others = [...names].filter((name) => name !== row.cohort && name !== "single");
  if (others.length === 0) return undefined;
  return new VoxplainError("mismatch", `the table of the cohort "${row.cohort}" names other cohorts itself`, {
    file: row.where,
    found: listedNames(others),
    hint: "give that table alone, or remove its column cohort",
  });
}

/** A column that only other cohorts have is empty. */
function completeRow({ row }: Session, columns: readonly string[], cohort: string): Session["row"] {
  const cell = (column: string) => (Object.hasOwn(row, column) ? row[column] : undefined) ?? "";
  return Object.fromEntries([...columns.map((column) => [column, cell(column)]), ["cohort", cohort]]);
}
