import { errorAt, VoxplainError } from "@voxplain/core";
import type { FilePlace } from "../cohorts.ts";
import { imageEnding, noImageName } from "../image-file.ts";
import type { Session } from "../labels.ts";
import { notFetched } from "../not-fetched.ts";

/**
 * Why a file cannot be the image of a session: it is not there, its content is not fetched, or it is no image by its name.
 * @returns undefined where there is nothing against it; it is not opened for that.
 */
export async function faultOfImage(
  { source, below }: FilePlace,
  { name: session }: Session,
): Promise<VoxplainError | undefined> {
  const file = `${source.name}/${below}`;
  const pointer = await notFetched({ source, below });
  if (pointer !== undefined) return errorAt(pointer, { session });
  if ((await source.open(below)) === undefined) {
    if ((await source.list(below)) !== undefined) {
      return new VoxplainError("invalid-file", "it is a folder", {
        session,
        file,
        expected: "an image file",
      });
    }
    const target = await source.linkTarget?.(below);
    if (target === undefined)
      return new VoxplainError("not-found", "there is no such file", { session, file });
    return new VoxplainError("not-found", "the file that it links to is not there", {
      session,
      file,
      found: target,
    });
  }
  if (imageEnding(below) !== undefined) return undefined;
  return new VoxplainError("unsupported", noImageName(file), { session });
}
