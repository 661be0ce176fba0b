import type { FileSource } from "@voxplain/core";
import type { Session } from "./labels.ts";

/**
 * A sentence about folders of the CAPS whose names differ from the list's in zeros or case only; "" where there are
 * none. Clinica wrote ses-M00 before 2022, and ses-M000 since.
 */
export async function nearIds(caps: FileSource, { participantId, sessionId }: Session): Promise<string> {
  const people = await folders(caps, "subjects");
  const person = people.includes(participantId) ? participantId : nearest(people, participantId);
  if (person === undefined) return "";
  const sessions = await folders(caps, `subjects/${person}`);
  const session = sessions.includes(sessionId) ? sessionId : nearest(sessions, sessionId);
  if (session === undefined || (person === participantId && session === sessionId)) return "";
  return `; the CAPS has ${person} ${session}: write IDs in the list as in the CAPS`;
}

async function folders(caps: FileSource, path: string): Promise<readonly string[]> {
  const entries = await caps.list(path);
  return (entries ?? []).filter(({ kind }) => kind === "directory").map(({ name }) => name);
}

function nearest(names: readonly string[], id: string): string | undefined {
  const wanted = plainId(id);
  return names.find((name) => plainId(name) === wanted);
}

/** "ses-M000" and "M0" as "m0". */
export function plainId(id: string): string {
  return id
    .toLowerCase()
    .replace(/^(sub|ses)-?/, "")
    .replace(/0*(\d+)/g, "$1");
}
