import type { Session } from "@voxplain/caps-io";

/** Columns that say which image it is, not what it is of. */
const notLabels: ReadonlySet<string> = new Set([
  ...["participant_id", "session_id", "cohort", "image", "path"],
]);

/** The columns of the tables of sessions that labels can be in, in their order; "diagnosis" also of lists that are named so. */
export function labelColumns(sessions: readonly Session[]): readonly string[] {
  const columns = new Set<string>();
  for (const { row, diagnosis } of sessions) {
    for (const column of Object.keys(row)) if (!isReserved(column)) columns.add(column);
    if (diagnosis !== "") columns.add("diagnosis");
  }
  return [...columns];
}

function isReserved(column: string): boolean {
  return notLabels.has(column) || /^image_\d+$/.test(column);
}
