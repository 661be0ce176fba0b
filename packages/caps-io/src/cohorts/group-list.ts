import { type FileSource, VoxplainError } from "@voxplain/core";
import type { FilePlace } from "../file-place.ts";
import { inTable, readCohortTable } from "../tables/cohort-table.ts";
import { checkColumns, fieldOf, readTableFile } from "../tables/read-table.ts";
import type { CohortTables } from "./cohorts.ts";
import { type LabelTable, labelTable } from "./labels.ts";

/**
 * The sessions of a list that a MAPS holds, `groups/<group>/data.tsv`.
 * @param severalCohorts - Whether the column `cohort` says which of several CAPS a session is in: the same participant may
 * be in several, and is another one in each.
 * @throws VoxplainError `not-found` when the list has no session; `invalid-file` naming file, line and column.
 */
export async function readGroupList(
  { source, below: file }: FilePlace,
  severalCohorts: boolean,
): Promise<LabelTable> {
  const name = `${source.name}/${file}`;
  const table = await readTableFile({ source, below: file });
  if (table.rows.length === 0) throw new VoxplainError("not-found", "it lists no session", { file: name });
  if (!severalCohorts) return labelTable(table, table.rows, "", source, file);
  checkColumns(table, ["cohort"], name);
  const cohorts = [...new Set(table.rows.map(({ fields }) => fieldOf(fields, "cohort")))];
  const sessions = cohorts.flatMap((cohort) => {
    const rows = table.rows.filter(({ fields }) => fieldOf(fields, "cohort") === cohort);
    return labelTable(table, rows, "", source, file).sessions.map((session) => ({ ...session, cohort }));
  });
  return { columns: table.columns, sessions, file };
}

/**
 * The CAPS of each cohort, by the cohort's name.
 * @throws VoxplainError `invalid-file` naming table, line and column, and what opening a CAPS throws.
 */
export async function readCapsTable({
  caps,
  openCaps,
}: Pick<CohortTables, "caps" | "openCaps">): Promise<ReadonlyMap<string, FileSource>> {
  const { rows } = await readCohortTable(caps, ["cohort", "path"], { orWindows1252: true });
  const sources = new Map<string, FileSource>();
  for (const { cohort, path, where } of rows.values()) {
    sources.set(cohort, await inTable(where, async () => openCaps(path)));
  }
  return sources;
}
