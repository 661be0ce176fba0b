import { isVoxplainError } from "@voxplain/core";
import { ahead } from "../read-ahead.ts";
import type { ImageInput, SessionFailure } from "./image-input.ts";
import type { LocatedImage } from "./located-image.ts";
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
  return ahead(
    sessions,
    async (located) => {
      try {
        return await located.read(options);
      } catch (error) {
        if (!isVoxplainError(error)) throw error;
        return { session: located.session, error };
      }
    },
    options.readAhead,
  );
}
