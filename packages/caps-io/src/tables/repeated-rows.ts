import { VoxplainError } from "@voxplain/core";
import { listedNames } from "../names-in-sentences.ts";
import type { ImageRow } from "./image-rows.ts";

/** Rows of which each session has one. */
export interface RowsUsedOnce {
  /** The first row of each session, in the order of the table. */
  readonly rows: readonly ImageRow[];
  /** Sessions with two images, and sessions with two rows that differ otherwise. */
  readonly problems: readonly VoxplainError[];
  /** A sentence about rows that repeat another one. */
  readonly notes: readonly string[];
}

/** Finds sessions with several rows. Participants of another cohort are other people. */
export function usedOnce(rows: readonly ImageRow[], file: string): RowsUsedOnce {
  const first = new Map<string, ImageRow>();
  const images: string[] = [];
  const columns: string[] = [];
  const repeated: string[] = [];
  for (const row of rows) {
    const { session, line, path } = row;
    const key = JSON.stringify([session.cohort, session.participantId, session.sessionId]);
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, row);
      continue;
    }
    const differing = otherColumns(session.row).filter(
      (column) => session.row[column] !== earlier.session.row[column],
    );
    const lines = `lines ${earlier.line} and ${line}`;
    if (plain(path) !== plain(earlier.path))
      images.push(`${session.name} (${lines}: ${named(earlier.path)} and ${named(path)})`);
    else if (differing.length > 0) columns.push(`${session.name} (${lines}: ${listedNames(differing)})`);
    else repeated.push(`${line} (${session.name})`);
  }
  const noVisits = rows.every(({ session }) => session.sessionId === "");
  const problems = [
    ...problemOf("several images of one session", images, file, noVisits),
    ...problemOf("several rows of one session, which differ in other columns", columns, file, noVisits),
  ];
  const notes =
    repeated.length === 0
      ? []
      : [
          `${file}: rows that repeat another one are used once (${repeated.length}): line ${listedNames(repeated)}`,
        ];
  return { rows: [...first.values()], problems, notes };
}

function problemOf(
  what: string,
  sessions: readonly string[],
  file: string,
  noVisits: boolean,
): readonly VoxplainError[] {
  if (sessions.length === 0) return [];
  const problem = `${what}${sessions.length > 1 ? ` (${sessions.length} times)` : ""}`;
  const hint = noVisits ? "if they are several visits, number them in a column session_id" : undefined;
  return [new VoxplainError("invalid-file", problem, { file, found: listedNames(sessions), hint })];
}

function otherColumns(row: ImageRow["session"]["row"]): readonly string[] {
  return Object.keys(row).filter((column) => column !== "image" && column !== "path");
}

/** "./images/a.nii" as "images/a.nii". */
function plain(path: string): string {
  return path
    .split("/")
    .filter((name, k) => name !== "." && (name !== "" || k === 0))
    .join("/");
}

function named(path: string): string {
  return path === "" ? "no image" : path;
}
