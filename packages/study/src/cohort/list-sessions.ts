import type { Session } from "@voxplain/caps-io";
import type { FileSource } from "@voxplain/core";

/**
 * Every participant and session that a CAPS has a folder of, by their names; whether the images that a model needs are
 * there is found out by a plan. Their diagnoses are not known.
 */
export async function listSessions(
  caps: FileSource,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly Session[]> {
  const sessions: Session[] = [];
  for (const { name, kind } of (await caps.list("subjects")) ?? []) {
    signal?.throwIfAborted();
    if (kind === "file") {
      // Phantoms have no folders.
      const [, participantId, sessionId] = /^(sub-[^_]+)_(ses-[^_]+)_phantom-/.exec(name) ?? [];
      if (participantId && sessionId) sessions.push(sessionOf(participantId, sessionId));
      continue;
    }
    for (const session of (await caps.list(`subjects/${name}`)) ?? []) {
      if (session.kind === "directory" && session.name.startsWith("ses-"))
        sessions.push(sessionOf(name, session.name));
    }
  }
  return sessions;
}

function sessionOf(participantId: string, sessionId: string): Session {
  const name = `${participantId} ${sessionId}`;
  return { name, participantId, sessionId, diagnosis: "", row: {}, cohort: "single" };
}
