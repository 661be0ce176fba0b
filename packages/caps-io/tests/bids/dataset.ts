import { type BidsFolderOptions, type ImageList, readBidsFolder } from "@voxplain/caps-io";
import { type FileSource, isVoxplainError, memoryFiles, type VoxplainError } from "@voxplain/core";

/** Longer than a pointer of git-annex, so that it is not read. */
const image = new Uint8Array(40_000);

/** A dataset in memory: paths of images, and texts of tables by their path. */
export function dataset(
  images: readonly string[],
  texts: Readonly<Record<string, string>> = {},
  name = "/data/study",
): FileSource {
  const files = new Map(images.map((path) => [path, image]));
  for (const [path, text] of Object.entries(texts)) files.set(path, new TextEncoder().encode(text));
  return memoryFiles(files, name);
}

/** Whose images are chosen, and which: "sub-01 ses-M00" → path. */
export function chosen({ images }: ImageList): Readonly<Record<string, string>> {
  return Object.fromEntries(images.map(({ session, place }) => [session.name, place.below]));
}

/** Reads with filters as they are typed. */
export async function filtered(source: FileSource, ...filters: string[]): Promise<ImageList> {
  return readBidsFolder(source, { filters });
}

/** The error that reading ends with. */
export async function errorOf(source: FileSource, options: BidsFolderOptions): Promise<VoxplainError> {
  const error = await readBidsFolder(source, options).catch((thrown: unknown) => thrown);
  if (isVoxplainError(error)) return error;
  throw new Error(`no error that a user can correct: ${String(error)}`);
}

/** What is wrong with the list. */
export function problems(list: ImageList): readonly string[] {
  return list.problems.map(({ message }) => message);
}
