import type { FileEntry, FilePath, FileSource } from "@voxplain/core";
import { imageEnding } from "../image-file.ts";
import { ahead } from "../read-ahead.ts";
import { type BidsImage, participantOf, sessionOf } from "./bids-image.ts";
import { parseImageName } from "./file-name.ts";

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
  yield* ahead(participants, (participantId) => readParticipant(source, participantId), concurrent);
}

async function readParticipant(source: FileSource, participantId: string): Promise<ParticipantFolder> {
  const images: BidsImage[] = [];
  const misplaced: BidsImage[] = [];
  const unnamed: FilePath[] = [];
  const take = (folder: FilePath, session: string, datatype: string, entries: readonly FileEntry[]) => {
    for (const { name, kind } of entries) {
      // A link whose content is not there counts: it is found to be not fetched when it is opened.
      if (kind === "directory" || name.startsWith(".")) continue;
      const extension = imageEnding(name);
      if (extension === undefined) continue;
      const path = `${folder}/${name}`;
      const parsed = isUsableName(name) ? parseImageName(name, extension) : undefined;
      if (parsed === undefined) {
        unnamed.push(path);
        continue;
      }
      const isOwn = participantOf(parsed) === participantId;
      const named = sessionOf(parsed);
      const image = { ...parsed, path, datatype, isLink: kind === "link" };
      if (!isOwn || (session !== "" && named !== "" && named !== session)) misplaced.push(image);
      else images.push(named === "" && session !== "" ? inSession(image, session) : image);
    }
  };
  const takeFolders = async (folder: FilePath, session: string, entries: readonly FileEntry[]) => {
    take(folder, session, "", entries);
    await Promise.all(
      entries.filter(isSearched).map(async ({ name }) => {
        const path = `${folder}/${name}`;
        take(path, session, name, (await source.list(path)) ?? []);
      }),
    );
  };
  const entries = (await source.list(participantId)) ?? [];
  const sessions = entries.filter(isSessionFolder);
  await Promise.all([
    takeFolders(participantId, "", entries),
    ...sessions.map(async ({ name }) => {
      const folder = `${participantId}/${name}`;
      await takeFolders(folder, name, (await source.list(folder)) ?? []);
    }),
  ]);
  const table = `${participantId}_sessions.tsv`;
  const hasSessionsTable = entries.some(({ name, kind }) => name === table && kind !== "directory");
  images.sort((a, b) => (a.path < b.path ? -1 : 1));
  const unusable = unusableFolders(entries).map((name) => `${participantId}/${name}`);
  return { participantId, hasSessionsTable, images, misplaced, unnamed, unusable };
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

/** The session of an image whose name leaves it out is that of its folder. */
function inSession(image: BidsImage, session: string): BidsImage {
  const sub = image.entities.get("sub") ?? "";
  const ses = session.slice("ses-".length);
  return { ...image, entities: new Map([["sub", sub], ["ses", ses], ...image.entities]) };
}

/** Control characters would change what a terminal shows; a backslash is a folder on some systems. */
function isUsableName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  return !/[\\\0-\x1f\x7f-\x9f]/.test(name);
}
