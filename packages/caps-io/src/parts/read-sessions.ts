import { isVoxplainError } from "@voxplain/core";
import { ahead } from "../read-ahead.ts";
import type { ImageInput, SessionFailure } from "./image-input.ts";
import type { LocatedImage } from "./locate-sessions.ts";
import { readExtracted } from "./read-extracted.ts";
import { readFromImage } from "./read-from-image.ts";
import type { TransformOptions } from "./transform-part.ts";

/** How sessions are read. */
export interface SessionReadOptions extends TransformOptions {
  /** Sessions that are read before they are asked for; 0 reads each when its turn comes. */
  readonly readAhead: number;
}

/**
 * Reads sessions in their order, each image once, some ahead of whoever takes them; no more than those
 * are in memory. A session whose image or whose parts are damaged, missing or of another shape comes as
 * a `SessionFailure`, and the others follow.
 */
export function readSessions(
  sessions: readonly LocatedImage[],
  options: SessionReadOptions,
): AsyncGenerator<ImageInput | SessionFailure> {
  return ahead(sessions, (located) => read(located, options), options.readAhead);
}

async function read(
  located: LocatedImage,
  options: SessionReadOptions,
): Promise<ImageInput | SessionFailure> {
  try {
    const { extracted, image } = located;
    if (extracted) return await readExtracted(located, extracted, options);
    if (image) return await readFromImage(located, image, options);
    throw new RangeError("a located session has an image or extracted parts");
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return { session: located.session, error };
  }
}
