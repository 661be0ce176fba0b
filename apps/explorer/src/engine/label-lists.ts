import { diagnosisClasses, readLabels, type Session } from "@voxplain/caps-io";
import { type FilePath, type FileSource, isVoxplainError } from "@voxplain/core";

/** A session of a label list; its diagnosis is undefined where the list tells none. */
export interface ListedSession {
  readonly session: Session;
  readonly diagnosis: string | undefined;
}

/**
 * The sessions of label lists, in their order, each once. The diagnosis is that of the row, else that of the
 * file's name (`AD.tsv`, `AD_baseline.tsv`).
 */
export async function readLabelLists(
  files: FileSource,
  lists: readonly FilePath[],
): Promise<{ readonly sessions: readonly ListedSession[]; readonly problems: readonly string[] }> {
  const sessions = new Map<string, ListedSession>();
  const problems: string[] = [];
  for (const path of lists) {
    const slash = path.lastIndexOf("/");
    const stem = path.slice(slash + 1).replace(/\.tsv$/i, "");
    const named = stem.replace(/_baseline$/, "");
    const isDiagnosis = Object.hasOwn(diagnosisClasses, named);
    try {
      const folder = path.slice(0, Math.max(slash, 0));
      const table = await readLabels(files, folder, { diagnosis: stem, baseline: false });
      // A table without diagnoses may be anything: predictions, ages, scores.
      if (!isDiagnosis && !table.columns.includes("diagnosis")) continue;
      for (const session of table.sessions) {
        const key = sessionKey(session);
        const diagnosis = session.row.diagnosis || (isDiagnosis ? named : undefined);
        if (!sessions.has(key)) sessions.set(key, { session, diagnosis });
      }
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      problems.push(error.message);
    }
  }
  return { sessions: [...sessions.values()], problems };
}

export function sessionKey({
  participantId,
  sessionId,
}: Pick<Session, "participantId" | "sessionId">): string {
  return `${participantId} ${sessionId}`;
}
