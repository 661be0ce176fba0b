import { listedNames } from "../names-in-sentences.ts";
import type { SessionIds } from "./bids-image.ts";
import type { FoundImages } from "./find-images.ts";
import { participantNotes, sessionNotes } from "./join-notes.ts";
import type { SubjectTables } from "./subject-tables.ts";

/** The tables of a dataset beside its images. */
export interface JoinedTables {
  /** `participant_id`, `session_id`, then those of participants.tsv, then further ones of sessions.tsv. */
  readonly columns: readonly string[];
  /** What the tables have of an image, by every column; "n/a" where they have nothing. */
  rowOf(ids: SessionIds): Readonly<Record<string, string>>;
  /** Sentences about rows and images that do not fit together. */
  readonly notes: readonly string[];
}

/**
 * Joins tables to images by participant and session. Identifiers are compared as text, with or without "sub-" and
 * "ses-": "1" is not "01", for both may be there. A column of both tables is that of the session where it has a row.
 */
export function joinTables(found: FoundImages, tables: SubjectTables): JoinedTables {
  const { participants: table, sessions } = tables;
  const own = table?.columns ?? [];
  const ofSessions = [...new Set([...sessions.values()].flatMap(({ columns }) => columns))];
  const ids = ["participant_id", "session_id"];
  const columns = [...new Set([...ids, ...own, ...ofSessions])];
  const both = ofSessions.filter((column) => own.includes(column));
  const participantRow = (image: SessionIds) => {
    const participant = image.participantId;
    return table?.rows.get(`${participant} ${image.sessionId}`) ?? table?.rows.get(participant);
  };
  const sessionRow = (image: SessionIds) => sessions.get(image.participantId)?.rows.get(image.sessionId);
  return {
    columns,
    rowOf(image) {
      const fields = { ...participantRow(image)?.fields, ...sessionRow(image)?.fields };
      const valueIn = (column: string) => (Object.hasOwn(fields, column) ? fields[column] : "") || "n/a";
      const row = Object.fromEntries(columns.map((column) => [column, valueIn(column)]));
      return { ...row, participant_id: image.participantId, session_id: image.sessionId || "n/a" };
    },
    notes: [
      ...(both.length === 0
        ? []
        : [`${listedNames(both)}: in participants.tsv and in sessions.tsv, whose values are used`]),
      ...participantNotes(found, table, participantRow),
      ...sessionNotes(found, sessions, sessionRow),
    ],
  };
}
