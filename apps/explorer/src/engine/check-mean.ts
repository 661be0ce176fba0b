import { checkCohort, type ImageGrid, refusedImages, type Template } from "@voxplain/caps-io";
import { isVoxplainError } from "@voxplain/core";
import type { ImageEntry } from "./prepared-image.ts";

/** @throws VoxplainError naming the images of which a mean cannot be computed. */
export async function checkMean(
  entries: readonly ImageEntry[],
  template: Template | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const grids: ImageGrid[] = [];
  for (const entry of entries) {
    signal?.throwIfAborted();
    grids.push(await gridOf(entry));
  }
  const { refused } = checkCohort(grids, { result: "mean", ...(template && { template }) });
  if (refused.size > 0) throw refusedImages([...refused.values()], entries.length, "images");
}

/** The grid of an image; why its file cannot be read, if so. */
async function gridOf({ image, grid }: ImageEntry): Promise<ImageGrid> {
  try {
    return await grid();
  } catch (error) {
    if (isVoxplainError(error)) return { name: image.name, problem: error };
    throw error;
  }
}
