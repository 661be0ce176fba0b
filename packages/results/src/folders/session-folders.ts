import type { Session } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";

/** Where the maps of a session are below the result; ends with a slash. */
export type SessionFolders = (session: Session) => string;

/**
 * `<participant>/<session>/`; `<participant>/` of a participant without sessions. Where cohorts share a session, which is another person's
 * in each, all maps are one level deeper: `<cohort>/<participant>/<session>/`.
 * @throws VoxplainError `invalid-argument` for a cohort whose name cannot be that of a folder, `unsupported` for a participant whose folder
 * would have the name of a file of the result.
 */
export function sessionFolders({
  images,
}: {
  readonly images: readonly { readonly session: Session }[];
}): SessionFolders {
  const plain: SessionFolders = ({ participantId, sessionId }) =>
    sessionId === "" ? `${participantId}/` : `${participantId}/${sessionId}/`;
  const all = images.map(({ session }) => session);
  if (new Set(all.map(plain)).size === all.length) {
    for (const session of all) refuseOwnName(session);
    return plain;
  }
  for (const cohort of new Set(all.map((session) => session.cohort))) checkFolderName(cohort);
  return (session) => `${session.cohort}/${plain(session)}`;
}

/** What the folder of a result holds beside maps: tables, records, pictures, a report, and the tables of an atlas. */
const ownNames = /^regions$|\.(tsv|json|png|html)$/i;

function refuseOwnName({ name, participantId }: Session): void {
  if (!ownNames.test(participantId)) return;
  throw new VoxplainError(
    "unsupported",
    "the folder of the participant's maps would have the name of a file of the result",
    { session: name, hint: "give the participant another ID" },
  );
}

/** Letters, digits and what stands between them: no path, no hidden folder, no name of a table beside it. */
function checkFolderName(cohort: string): void {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_ -]*$/u.test(cohort) && !ownNames.test(cohort)) return;
  throw new VoxplainError(
    "invalid-argument",
    `the cohort ${JSON.stringify(cohort)} shares sessions with another one, so its maps need a folder of its name: ` +
      "give it a name of letters, digits, _ and -",
  );
}
