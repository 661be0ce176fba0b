import { diagnosisClasses, readLabelFile, type Session } from "@voxplain/caps-io";
import { type FilePath, type FileSource, isVoxplainError } from "@voxplain/core";

/** A session of a label list; its diagnosis is undefined where the list tells none. */
export interface ListedSession {
  readonly session: Session;
  readonly diagnosis: string | undefined;
}

/**
 * The sessions of label lists, in their order, each once. The diagnosis is that of the row, else that of the
 * file's name (`AD.tsv`, `AD_baseline.csv`).
 */
export async function readLabelLists(
  files: FileSource,
  lists: readonly FilePath[],
): Promise<{ readonly sessions: readonly ListedSession[]; readonly problems: readonly string[] }> {
  const sessions = new Map<string, ListedSession>();
  const problems: string[] = [];
  for (const path of lists) {
    const named = path.slice(path.lastIndexOf("/") + 1).replace(/(_baseline)?\.[^.]+$/, "");
    const isDiagnosis = Object.hasOwn(diagnosisClasses, named);
    try {
      const table = await readLabelFile(files, path, named);
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
