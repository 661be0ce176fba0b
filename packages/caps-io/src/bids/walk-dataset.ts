import {
  type FileEntry,
  type FilePath,
  type FileSource,
  isVoxplainError,
  type VoxplainError,
  withEscapes,
} from "@voxplain/core";
import { ahead } from "../read-ahead.ts";
import { imageEnding } from "../volumes/image-file.ts";
import type { BidsImage } from "./bids-image.ts";
import { type ImageKind, type ImageName, parseImageName } from "./file-name.ts";

/** What the folder of a participant holds. */
export interface ParticipantFolder {
  /** "sub-01". */
  readonly participantId: string;
  /** Whether its `<participant>_sessions.tsv` is there. */
  readonly hasSessionsTable: boolean;
  /** Named by the rules, and for this participant and the session of their folder. */
  readonly images: readonly BidsImage[];
  /** Named for another participant or session than their folder. */
  readonly misplaced: readonly BidsImage[];
  /** Paths of images that are not named by the rules. */
  readonly unnamed: readonly FilePath[];
  /** Folders of sessions whose names cannot be used. */
  readonly unusable: readonly FilePath[];
  /** Its folders that the system does not let read. */
  readonly unreadable: readonly UnreadableFolder[];
}

/** A folder of a participant, of a session, or in one of these. */
export interface UnreadableFolder {
  readonly participantId: string;
  /** "ses-M00"; "" of a participant. */
  readonly sessionId: string;
  /** Names the folder. */
  readonly error: VoxplainError;
}

/** Participants whose folders are listed at once: more of them only wait for each other, in memory. */
const concurrent = 16;

/** Whether a folder is that of a participant. */
export function isParticipantFolder({ name, kind }: FileEntry): boolean {
  return kind === "directory" && /^sub-./.test(name) && isUsableName(name);
}

/**
 * The images of each participant: in its folder, those of its sessions, and the folders in these ("anat", "pet", …).
 * Nothing below is searched, so that links between folders come to an end. Folders whose names begin with a dot are
 * passed over.
 * @param root - The entries of the dataset's own folder.
 */
export async function* walkDataset(
  source: FileSource,
  root: readonly FileEntry[],
): AsyncGenerator<ParticipantFolder> {
  const participants = root.filter(isParticipantFolder).map(({ name }) => name);
  const kindOf = rememberedKinds();
  yield* ahead(participants, (participantId) => readParticipant(source, participantId, kindOf), concurrent);
}

type KindOf = (end: string) => ImageKind | "unclear" | "no image";

/** What the end of a name says, behind participant and session. All participants have the same few. */
function rememberedKinds(): KindOf {
  const kinds = new Map<string, ReturnType<KindOf>>();
  const parsed = (end: string) => {
    const extension = imageEnding(end);
    if (extension === undefined) return "no image";
    const name = isUsableName(end) ? parseImageName(`sub-x_${end}`, extension) : undefined;
    if (name === undefined || name.sessionId !== "") return "unclear";
    return { entities: name.entities, suffix: name.suffix, extension };
  };
  return (end) => {
    const known = kinds.get(end) ?? parsed(end);
    kinds.set(end, known);
    return known;
  };
}

async function readParticipant(
  source: FileSource,
  participantId: string,
  kindOf: KindOf,
): Promise<ParticipantFolder> {
  const images: BidsImage[] = [];
  const misplaced: BidsImage[] = [];
  const unnamed: FilePath[] = [];
  const unreadable: UnreadableFolder[] = [];
  const list = async (path: FilePath, sessionId: string): Promise<readonly FileEntry[]> => {
    try {
      return (await source.list(path)) ?? [];
    } catch (error) {
      if (!isVoxplainError(error, "io-failure")) throw error;
      unreadable.push({ participantId, sessionId, error });
      return [];
    }
  };
  const take = (folder: FilePath, session: string, datatype: string, entries: readonly FileEntry[]) => {
    const start = session === "" ? `${participantId}_` : `${participantId}_${session}_`;
    for (const { name, kind } of entries) {
      // A link whose content is missing counts: it is found to be not fetched when it is opened.
      if (kind === "directory" || name.startsWith(".")) continue;
      const known = name.startsWith(start) ? kindOf(name.slice(start.length)) : "unclear";
      if (known === "no image") continue;
      const own = { path: `${folder}/${name}`, datatype, isLink: kind === "link" };
      if (known !== "unclear") {
        images.push({ participantId, sessionId: session, ...known, ...own });
        continue;
      }
      const extension = imageEnding(name);
      if (extension === undefined) continue;
      const parsed = isUsableName(name) ? parseImageName(name, extension) : undefined;
      if (parsed === undefined) unnamed.push(own.path);
      else if (!isPlacedWell(parsed, participantId, session)) misplaced.push({ ...parsed, ...own });
      // The session of an image whose name leaves it out is that of its folder.
      else images.push({ ...parsed, sessionId: parsed.sessionId || session, ...own });
    }
  };
  /** A folder and the folders in it that are searched, listed together. */
  const listed = async (folder: FilePath, session: string, entries: readonly FileEntry[]) => [
    { folder, session, datatype: "", entries },
    ...(await Promise.all(
      entries.filter(isSearched).map(async ({ name }) => {
        const path = `${folder}/${name}`;
        return { folder: path, session, datatype: name, entries: await list(path, session) };
      }),
    )),
  ];
  const entries = await list(participantId, "");
  const sessions = entries.filter(isSessionFolder);
  const folders = await Promise.all([
    listed(participantId, "", entries),
    ...sessions.map(async ({ name }) => {
      const folder = `${participantId}/${name}`;
      return listed(folder, name, await list(folder, name));
    }),
  ]);
  // In the order of the names: which listing answers first is the file system's affair.
  for (const { folder, session, datatype, entries } of folders.flat()) {
    take(folder, session, datatype, entries);
  }
  const table = `${participantId}_sessions.tsv`;
  const hasSessionsTable = entries.some(({ name, kind }) => name === table && kind !== "directory");
  images.sort((a, b) => (a.path < b.path ? -1 : 1));
  const place = ({ sessionId, error }: UnreadableFolder) => `${sessionId} ${error.message}`;
  unreadable.sort((a, b) => (place(a) < place(b) ? -1 : 1));
  const unusable = unusableFolders(entries).map((name) => `${participantId}/${name}`);
  return { participantId, hasSessionsTable, images, misplaced, unnamed, unusable, unreadable };
}

/** Folders of participants or sessions whose names have what cannot be in an identifier. */
export function unusableFolders(entries: readonly FileEntry[]): readonly string[] {
  return entries
    .filter(({ name, kind }) => kind === "directory" && /^(sub|ses)-/.test(name) && !isUsableName(name))
    .map(({ name }) => name);
}

function isSessionFolder({ name, kind }: FileEntry): boolean {
  return kind === "directory" && /^ses-./.test(name) && isUsableName(name);
}

function isSearched(entry: FileEntry): boolean {
  const { name, kind } = entry;
  return kind === "directory" && !name.includes(".") && isUsableName(name) && !isSessionFolder(entry);
}

/** Whether an image is in a folder of its own participant and session. */
function isPlacedWell(image: ImageName, participantId: string, session: string): boolean {
  const isOfSession = session === "" || image.sessionId === "" || image.sessionId === session;
  return image.participantId === participantId && isOfSession;
}

/** Characters that are not seen would change what a terminal shows; a backslash is a folder on some systems. */
function isUsableName(name: string): boolean {
  return !name.includes("\\") && withEscapes(name) === name;
}
