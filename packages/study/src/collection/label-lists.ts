import { diagnosisClasses, readLabelFile, type Session } from "@voxplain/caps-io";
import { type FilePath, type FileSource, isVoxplainError } from "@voxplain/core";

/** What label lists hold. */
export interface ReadLists {
  /** Each once. */
  readonly sessions: readonly Session[];
  /** Sentences about lists that cannot be read. */
  readonly problems: readonly string[];
}

/**
 * The sessions of label lists, in their order, each once. The diagnosis is that of the row, else that of the
 * file's name (`AD.tsv`, `AD_baseline.csv`), else "". A list that cannot be read is a problem, in a sentence.
 * @param lists - Tables below `files`; one that has neither diagnoses nor a diagnosis as its name is left out.
 */
export async function readLabelLists(files: FileSource, lists: readonly FilePath[]): Promise<ReadLists> {
  const sessions = new Map<string, Session>();
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
        const diagnosis = session.row.diagnosis || (isDiagnosis ? named : "");
        if (!sessions.has(key)) sessions.set(key, { ...session, diagnosis });
      }
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      problems.push(error.message);
    }
  }
  return { sessions: [...sessions.values()], problems };
}

/** The same for sessions that two lists name. */
export function sessionKey({
  participantId,
  sessionId,
}: Pick<Session, "participantId" | "sessionId">): string {
  return `${participantId} ${sessionId}`;
}
