import { plainId } from "../caps/near-ids.ts";
import { counted } from "../names-in-sentences.ts";
import type { TableRow } from "../tables/read-table.ts";
import { type SessionIds, sessionName } from "./bids-image.ts";
import type { FoundImages } from "./find-images.ts";
import type { KeyedTable, SubjectTables } from "./subject-tables.ts";

type FindRow = (ids: SessionIds) => TableRow | undefined;

/** Sentences about participants, their rows and their images that do not fit together. */
export function participantNotes(
  { candidates, participants, wanted, concerns, unreadable }: FoundImages,
  table: KeyedTable | undefined,
  rowOf: FindRow,
): readonly string[] {
  const listed = table === undefined ? new Set<string>() : listedParticipants(table);
  const near = nearPairs(listed, new Set(participants));
  const lineOf = (id: string) =>
    [...(table?.rows ?? [])].find(([key]) => key.split(" ", 1)[0] === id)?.[1].line;
  const rowless = table === undefined ? [] : candidates.filter((image) => rowOf(image) === undefined);
  // Nobody knows what is in folders that cannot be read.
  const withImage = new Set([...candidates, ...unreadable].map(({ participantId }) => participantId));
  const imageless = [...new Set([...listed, ...participants])].filter(
    (participant) => concerns(participant) && !withImage.has(participant) && !near.has(participant),
  );
  return [
    ...counted(
      "rows of participants.tsv that are not named as the folders; identifiers are compared as text",
      [...near].map(([id, folder]) => `${id} in line ${lineOf(id)}, whose folder is ${folder}`),
    ),
    ...counted(
      "rows of participants.tsv without a participant_id",
      (table?.nameless ?? []).map((line) => `line ${line}`),
    ),
    ...counted("participants without a row in participants.tsv", [
      ...new Set(rowless.map(({ participantId }) => participantId)),
    ]),
    ...counted(`participants without an image${wanted === "" ? "" : ` of ${wanted}`}`, imageless.sort()),
  ];
}

/** Sentences about rows of sessions.tsv and images that do not fit together. */
export function sessionNotes(
  { candidates: images, choosesSessions }: FoundImages,
  sessions: SubjectTables["sessions"],
  rowOf: FindRow,
): readonly string[] {
  const visits = new Map<string, Set<string>>();
  for (const image of images) {
    const own = visits.get(image.participantId) ?? new Set();
    visits.set(image.participantId, own.add(image.sessionId));
  }
  const near: string[] = [];
  const imageless: string[] = [];
  for (const [participant, { rows }] of sessions) {
    const own = visits.get(participant);
    if (own === undefined) continue;
    const pairs = nearPairs(rows.keys(), own);
    for (const [row, folder] of pairs) near.push(`${participant} ${row}, whose folder is ${folder}`);
    for (const session of rows.keys())
      if (!own.has(session) && !pairs.has(session)) imageless.push(`${participant} ${session}`);
  }
  const rowless = images.filter((image) => sessions.has(image.participantId) && rowOf(image) === undefined);
  return [
    ...counted(
      "rows of sessions.tsv that are not named as the folders; identifiers are compared as text",
      near,
    ),
    ...counted("sessions without a row in sessions.tsv", rowless.map(sessionName)),
    ...(choosesSessions ? [] : counted("sessions of sessions.tsv without an image", imageless)),
  ];
}

/** Participants that have a row. */
function listedParticipants({ rows }: KeyedTable): ReadonlySet<string> {
  return new Set([...rows.keys()].map((id) => id.split(" ", 1)[0] ?? id));
}

/** Rows and the folders, without a row of their own, from which they differ in zeros or case only. */
function nearPairs(rows: Iterable<string>, folders: ReadonlySet<string>): ReadonlyMap<string, string> {
  const all = new Set(rows);
  const without = [...folders].filter((folder) => folder !== "" && !all.has(folder));
  const byPlain = new Map(without.map((folder) => [plainId(folder), folder]));
  const pairs = new Map<string, string>();
  for (const row of all) {
    const folder = folders.has(row) ? undefined : byPlain.get(plainId(row));
    if (folder !== undefined) pairs.set(row, folder);
  }
  return pairs;
}
