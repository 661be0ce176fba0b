import type { FileSource } from "@voxplain/core";
import type { CapsImage } from "./caps-image.ts";
import { ahead } from "./read-ahead.ts";
import { type InputImage, type ReadOptions, readImage } from "./read-image.ts";

/** How images become inputs, and how many at a time. */
export interface ReadAheadOptions extends ReadOptions {
  /** Images that are read before they are asked for; 0 reads each when its turn comes. */
  readonly readAhead: number;
}

/**
 * Reads images in their order, some ahead of whoever takes them. No more than those are in memory,
 * however long the cohort is, and nothing is read after the taker has stopped.
 */
export function readImages(
  caps: FileSource,
  images: readonly CapsImage[],
  options: ReadAheadOptions,
): AsyncGenerator<InputImage> {
  return ahead(images, (image) => readImage(caps, image, options), options.readAhead);
}
