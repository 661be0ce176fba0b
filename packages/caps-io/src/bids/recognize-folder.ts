import { type FileEntry, type FileSource, VoxplainError } from "@voxplain/core";
import { listedNames } from "../names-in-sentences.ts";
import { imageEnding } from "../volumes/image-file.ts";
import { isParticipantFolder } from "./walk-dataset.ts";

/** Folders beside a participant's that hold datasets of their own. */
const mostFolders = 50;

/**
 * Whether a folder is a CAPS: it has "subjects", and no participants of its own.
 * @param entries - What it holds.
 */
export function isCaps(entries: readonly FileEntry[]): boolean {
  const folders = entries.filter(({ kind }) => kind === "directory").map(({ name }) => name);
  return folders.includes("subjects") && !entries.some(isParticipantFolder);
}

/** The error about a folder without folders of participants: what it is instead, and what to give. */
export async function noDataset(source: FileSource, entries: readonly FileEntry[]): Promise<VoxplainError> {
  if (isCaps(entries)) {
    return new VoxplainError("invalid-argument", "it is a CAPS, not a BIDS dataset", {
      file: source.name,
      hint: "give it as a CAPS (--caps_dir)",
    });
  }
  const inside = await datasetsIn(source, entries);
  const isDescribed = entries.some(({ name }) => name === "dataset_description.json");
  const what = isDescribed ? "the dataset has no participants" : "it is not a BIDS dataset";
  return new VoxplainError("not-found", `${what}: no folder in it begins with sub-`, {
    file: source.name,
    ...(inside.length > 0 && { found: `datasets in ${listedNames(inside)}` }),
    hint: inside.length > 0 ? "give the folder of one of them" : isDescribed ? undefined : hintFor(entries),
  });
}

/** What to give instead of a folder that is not a dataset. */
function hintFor(entries: readonly FileEntry[]): string {
  if (entries.some(({ name }) => imageEnding(name) !== undefined)) {
    return "list the images in a table with the columns participant_id and image (--images)";
  }
  if (entries.some(({ name }) => /^(ses-|anat$)/.test(name))) {
    return "give the folder of the whole dataset, not that of one participant";
  }
  return "give the folder that has dataset_description.json, or a table of images (--images)";
}

/** Folders in it, and in its derivatives, that have participants. */
async function datasetsIn(source: FileSource, entries: readonly FileEntry[]): Promise<readonly string[]> {
  const folders = namesOfFolders(entries);
  const derivatives = namesOfFolders((await source.list("derivatives")) ?? []).map(
    (name) => `derivatives/${name}`,
  );
  const found = await Promise.all(
    [...folders, ...derivatives].slice(0, mostFolders).map(async (path) => {
      const inside = (await source.list(path)) ?? [];
      return inside.some(isParticipantFolder) ? [path] : [];
    }),
  );
  return found.flat();
}

function namesOfFolders(entries: readonly FileEntry[]): readonly string[] {
  return entries
    .filter(({ name, kind }) => kind === "directory" && !name.startsWith(".") && !/[\\\0]/.test(name))
    .map(({ name }) => name);
}
