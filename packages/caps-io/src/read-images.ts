import type { FileSource } from "@voxplain/core";
import type { CapsImage } from "./caps-image.ts";
import { type InputImage, type ReadOptions, readImage } from "./read-image.ts";

export interface ReadAheadOptions extends ReadOptions {
  /** Images that are read before they are asked for; 0 reads each when its turn comes. */
  readonly readAhead: number;
}

/**
 * Reads images in their order, some ahead of whoever takes them. No more than those are in memory,
 * however long the cohort is, and nothing is read after the taker has stopped.
 */
export async function* readImages(
  caps: FileSource,
  images: readonly CapsImage[],
  options: ReadAheadOptions,
): AsyncGenerator<InputImage> {
  const waiting: Promise<InputImage>[] = [];
  let next = 0;
  const fill = (count: number) => {
    for (; waiting.length < count && next < images.length; next++) {
      const reading = readImage(caps, images[next]!, options);
      // Its failure is met when its turn comes, or never when the taker stops before.
      reading.catch(() => {});
      waiting.push(reading);
    }
  };
  for (let taken = 0; taken < images.length; taken++) {
    // The first one alone: whoever waits for it should not wait for the others too.
    fill(1);
    const image = await waiting.shift()!;
    fill(options.readAhead);
    yield image;
  }
}
