import { checkCohort, type ImageGrid, refusedImages } from "@voxplain/caps-io";
import { isVoxplainError } from "@voxplain/core";
import { type OpenTemplate, templateFor } from "./placement.ts";
import type { ImageEntry } from "./prepared-image.ts";

/** @throws VoxplainError naming the images of which a mean cannot be computed. */
export async function checkMean(
  entries: readonly ImageEntry[],
  open: OpenTemplate | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const grids: ImageGrid[] = [];
  for (const entry of entries) {
    signal?.throwIfAborted();
    grids.push(await gridOf(entry));
  }
  const templates = entries.map(({ image }) => templateFor(image, open));
  const isForAll = open !== undefined && templates.every((template) => template !== undefined);
  const images = isForAll ? grids : grids.map((grid, k) => ({ ...grid, ...affineOf(templates[k]) }));
  const { refused } = checkCohort(images, { result: "mean", ...(isForAll && { template: open.template }) });
  if (refused.size > 0) throw refusedImages([...refused.values()], entries.length, "images");
}

function affineOf(template: OpenTemplate["template"] | undefined): Partial<ImageGrid> {
  return template === undefined ? {} : { affine: template.affine };
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
