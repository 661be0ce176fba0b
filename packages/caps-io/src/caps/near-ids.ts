import type { FileSource } from "@voxplain/core";
import type { Session } from "../cohorts/labels.ts";

/** What can be done about a session whose image is missing; undefined where nothing is known. */
export type NearIds = (session: Session) => Promise<string | undefined>;

/**
 * Makes sentences about folders of a CAPS whose names differ from the list's in zeros or case only. Clinica wrote ses-M00
 * before 2022, and ses-M000 since. The participants are listed once, however many sessions are asked for.
 */
export function nearIds(caps: FileSource): NearIds {
  let people: Promise<Names> | undefined;
  return async ({ participantId, sessionId }) => {
    people ??= folders(caps, "subjects");
    const person = nearest(await people, participantId);
    if (person === undefined) return undefined;
    const session = nearest(await folders(caps, `subjects/${person}`), sessionId);
    if (session === undefined || (person === participantId && session === sessionId)) return undefined;
    return `the CAPS has ${person} ${session}: write IDs in the list as in the CAPS`;
  };
}

interface Names {
  readonly all: ReadonlySet<string>;
  /** By what is left without zeros and capitals; of several the first. */
  readonly byPlain: ReadonlyMap<string, string>;
}

async function folders(caps: FileSource, path: string): Promise<Names> {
  const entries = (await caps.list(path)) ?? [];
  const names = entries.filter(({ kind }) => kind === "directory").map(({ name }) => name);
  return {
    all: new Set(names),
    byPlain: new Map(names.toReversed().map((name) => [plainId(name), name])),
  };
}

function nearest({ all, byPlain }: Names, id: string): string | undefined {
  return all.has(id) ? id : byPlain.get(plainId(id));
}

/** "ses-M000" and "M0" as "m0". */
export function plainId(id: string): string {
  return id
    .toLowerCase()
    .replace(/^(sub|ses)-?/, "")
    .replace(/0*(\d+)/g, "$1");
}
