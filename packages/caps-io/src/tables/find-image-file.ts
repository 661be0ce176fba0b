import { errorAt, VoxplainError } from "@voxplain/core";
import type { Session } from "../cohorts/labels.ts";
import type { FilePlace } from "../file-place.ts";
import { notFetched, pointerIn } from "../not-fetched.ts";
import type { SessionFailure } from "../parts/image-input.ts";
import { imageEnding, noImageName } from "../volumes/image-file.ts";
import type { ListedImage } from "./image-list.ts";

/**
 * The image of a session in a file; or why the file cannot be that: it is not there, its content is not fetched, or it is no
 * image by its name. Where it is not there under the name that is written, it is looked for with its accents written in the
 * other way of Unicode: macOS decomposes them in the names of files.
 */
export async function findImageFile(
  session: Session,
  place: FilePlace,
): Promise<ListedImage | SessionFailure> {
  for (const below of spellings(place.below)) {
    const found = { source: place.source, below };
    const reader = await place.source.open(below);
    if (reader === undefined) continue;
    const error = (await pointerIn(found, reader)) ?? wrongName(found);
    return error === undefined
      ? { session, place: found }
      : { session, error: errorAt(error, { session: session.name }) };
  }
  return { session, error: errorAt(await absenceOf(place), { session: session.name }) };
}

function spellings(path: string): ReadonlySet<string> {
  return new Set([path, path.normalize("NFC"), path.normalize("NFD")]);
}

function wrongName({ source, below }: FilePlace): VoxplainError | undefined {
  if (imageEnding(below) !== undefined) return undefined;
  return new VoxplainError("unsupported", noImageName(`${source.name}/${below}`));
}

/** Why a file is missing: a folder has its place, a link leads nowhere, its content is not fetched. */
export async function absenceOf({ source, below }: FilePlace): Promise<VoxplainError> {
  const pointer = await notFetched({ source, below });
  if (pointer !== undefined) return pointer;
  const file = `${source.name}/${below}`;
  if ((await source.list(below)) !== undefined) {
    return new VoxplainError("invalid-file", "it is a folder", { file, expected: "an image file" });
  }
  const target = await source.linkTarget?.(below);
  return target === undefined
    ? new VoxplainError("not-found", "there is no such file", { file })
    : new VoxplainError("not-found", "the file that it links to is missing", { file, found: target });
}
