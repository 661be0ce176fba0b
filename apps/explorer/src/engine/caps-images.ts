import {
  isFailure,
  type LocatedImage,
  locateSessions,
  type PartSettings,
  readSessionGrids,
  readSessions,
  type Session,
} from "@voxplain/caps-io";
import { type FileSource, isVoxplainError, type Preprocessing, preprocessings } from "@voxplain/core";
import { type ListedSession, sessionKey } from "./label-lists.ts";
import type { ImageEntry, PreparedImage } from "./prepared-image.ts";

/** A CAPS with the sessions that it has folders of. */
export interface OpenCaps {
  readonly files: FileSource;
  readonly sessions: readonly Session[];
}

/** What a model needs of the images of a CAPS. */
export interface CapsNeeds {
  readonly preprocessing: Preprocessing;
  readonly settings: PartSettings;
  readonly normalize: boolean;
}

export interface CapsImages {
  readonly images: readonly ImageEntry[];
  readonly problems: readonly string[];
}

/** Lists participants and sessions; images are looked for when it is known which ones are needed. */
export async function openCaps(files: FileSource, signal?: AbortSignal): Promise<OpenCaps> {
  const sessions: Session[] = [];
  const add = (participantId: string, sessionId: string) =>
    sessions.push({
      name: `${participantId} ${sessionId}`,
      participantId,
      sessionId,
      diagnosis: "",
      row: {},
      cohort: "single",
    });
  for (const { name, kind } of (await files.list("subjects")) ?? []) {
    signal?.throwIfAborted();
    if (kind === "file") {
      // Phantoms lie there without folders.
      const [, participantId, sessionId] = /^(sub-[^_]+)_(ses-[^_]+)_phantom-/.exec(name) ?? [];
      if (participantId && sessionId) add(participantId, sessionId);
      continue;
    }
    for (const session of (await files.list(`subjects/${name}`)) ?? []) {
      if (session.kind === "directory" && session.name.startsWith("ses-")) add(name, session.name);
    }
  }
  return { files, sessions };
}

/** Sessions to look at: those of the label lists where there are some, else all that the CAPS hold. */
export function chosenSessions(
  caps: readonly OpenCaps[],
  listed: readonly ListedSession[],
): { readonly sessions: readonly ListedSession[]; readonly absent: readonly ListedSession[] } {
  const held = new Map(
    caps.flatMap(({ sessions }) => sessions.map((session) => [sessionKey(session), session])),
  );
  if (listed.length === 0) {
    return { sessions: [...held.values()].map((session) => ({ session, diagnosis: undefined })), absent: [] };
  }
  const isHeld = ({ session }: ListedSession) => held.has(sessionKey(session));
  return { sessions: listed.filter(isHeld), absent: listed.filter((session) => !isHeld(session)) };
}

/** The sessions of which the CAPS have what the model needs; of the others, sentences. */
export async function locateCapsImages(
  caps: readonly OpenCaps[],
  listed: readonly ListedSession[],
  needs: CapsNeeds,
): Promise<CapsImages> {
  const { sessions, absent } = chosenSessions(caps, listed);
  const problems: string[] = [];
  if (absent.length > 0 && caps.length > 0) {
    problems.push(
      `${counted(absent.length, "session")} of the label lists ${absent.length === 1 ? "is" : "are"} not in ` +
        `${namesOf(caps)}: ${some(absent.map(({ session }) => sessionKey(session)))}`,
    );
  }
  const sourceOf = new Map<string, FileSource>();
  for (const one of caps) for (const session of one.sessions) sourceOf.set(sessionKey(session), one.files);
  try {
    const { found, failures } = await locateSessions(
      sessions.map(({ session }) => session),
      { ...needs, capsOf: (session) => sourceOf.get(sessionKey(session))! },
    );
    if (found.length === 0 && failures.length > 0) {
      const other = await otherPreprocessing(caps, sessions, needs.preprocessing);
      problems.push(other ?? failures[0]!.error.message);
    } else if (failures.length > 0) {
      problems.push(
        `${counted(failures.length, "session")} cannot be explained: ${failures[0]!.error.message}` +
          (failures.length > 1
            ? `; the others: ${some(failures.slice(1).map((one) => sessionKey(one.session)))}`
            : ""),
      );
    }
    const diagnoses = new Map(sessions.map(({ session, diagnosis }) => [session, diagnosis]));
    return { images: found.map((one) => entryOf(one, diagnoses.get(one.session), needs)), problems };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return { images: [], problems: [...problems, error.message] };
  }
}

/** Before a model is open nobody knows which of its images a session will need. */
export function unlocatedImages(
  caps: readonly OpenCaps[],
  listed: readonly ListedSession[],
  refuse: () => never,
): readonly ImageEntry[] {
  return chosenSessions(caps, listed).sessions.map(({ session, diagnosis }) => ({
    image: { id: idOf(session), name: sessionKey(session), trueClass: diagnosis },
    prepare: async () => refuse(),
    grid: async () => refuse(),
  }));
}

/** The images that there are instead of those that were looked for. */
async function otherPreprocessing(
  caps: readonly OpenCaps[],
  sessions: readonly ListedSession[],
  wanted: Preprocessing,
): Promise<string | undefined> {
  const there = await preprocessingsOf(caps, sessions);
  if (there.length === 0) return undefined;
  return (
    `the model was trained on ${wanted} images, but ${namesOf(caps)} holds ${there.join(" and ")} images: ` +
    `open a CAPS with ${wanted} images, or a model that was trained on ${there.join(" or ")}`
  );
}

/** Of the first of these sessions that has any image. */
export async function preprocessingsOf(
  caps: readonly OpenCaps[],
  sessions: readonly ListedSession[],
): Promise<readonly Preprocessing[]> {
  const sourceOf = new Map(
    caps.flatMap(({ files, sessions: held }) => held.map((session) => [sessionKey(session), files] as const)),
  );
  // The first few tell: a CAPS is made by pipelines that run over all its sessions.
  for (const { session } of sessions.slice(0, 5)) {
    const there: Preprocessing[] = [];
    for (const preprocessing of preprocessings) {
      const options = {
        preprocessing,
        settings: { mode: "image" } as const,
        capsOf: () => sourceOf.get(sessionKey(session))!,
      };
      if ((await locateSessions([session], options)).found.length > 0) there.push(preprocessing);
    }
    if (there.length > 0) return there;
  }
  return [];
}

function entryOf(located: LocatedImage, trueClass: string | undefined, needs: CapsNeeds): ImageEntry {
  return {
    image: { id: idOf(located.session), name: sessionKey(located.session), trueClass },
    prepare: () => readCapsImage(located, needs),
    grid: async () => (await readSessionGrids([located]))[0]!,
  };
}

/** All parts of an image, as the network gets them. @throws VoxplainError naming participant, session and file. */
export async function readCapsImage(located: LocatedImage, { normalize }: CapsNeeds): Promise<PreparedImage> {
  for await (const read of readSessions([located], { normalize, readAhead: 0 })) {
    if (isFailure(read)) throw read.error;
    const parts = [];
    for (const { index } of read.parts) parts.push(await read.read(index));
    const { grid, affine, affineError, whole } = read;
    const warnings = [...read.warnings, ...parts.flatMap((part) => part.warnings)];
    return { parts, grid, affine, whole, warnings, ...(affineError && { affineError }) };
  }
  throw new RangeError("a session that was located is read");
}

function idOf(session: Session): string {
  return `caps:${sessionKey(session)}`;
}

function namesOf(caps: readonly OpenCaps[]): string {
  return caps.map(({ files }) => files.name).join(" and ");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function some(names: readonly string[]): string {
  return `${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`;
}
