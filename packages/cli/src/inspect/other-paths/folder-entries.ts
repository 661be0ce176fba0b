import type { FileEntry } from "@voxplain/core";

/** Folders and lists of one kind that are looked into. */
export const mostLooked = 20;

/** Names of the folders that are not hidden. */
export function foldersOf(entries: readonly FileEntry[]): readonly string[] {
  return entries.flatMap(({ name, kind }) => (kind === "directory" && !name.startsWith(".") ? [name] : []));
}

/** Whether it is the folder of a participant, in a BIDS dataset and in a CAPS. */
export const isParticipant = ({ name, kind }: FileEntry) => kind === "directory" && name.startsWith("sub-");
