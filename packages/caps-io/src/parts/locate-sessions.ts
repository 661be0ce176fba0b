import type { Session } from "../cohorts/labels.ts";
import { readSessionGrid } from "../grids/read-session-grid.ts";
import { findSessionFiles } from "./find-session-files.ts";
import type { SessionFailure } from "./image-input.ts";
import type { LocateOptions } from "./locate-options.ts";
import type { CapsFiles, LocatedImage } from "./located-image.ts";
import { filesOf, readFiles } from "./read-files.ts";
import { regionShapes } from "./region-masks.ts";

/** Both in the order of the sessions. */
export interface LocatedSessions {
  /** Sessions that can be read, in the order asked for. */
  readonly found: readonly LocatedImage[];
  /** Sessions without the files that are needed, in the order asked for. */
  readonly failures: readonly SessionFailure[];
}

/**
 * Finds what a network needs of each session: the image; or its extracted parts, where the settings ask for
 * them or only they exist. If a CAPS has no extracted part of a session, the image is used.
 * @throws VoxplainError for what concerns every session: `invalid-argument`, `unsupported` for parts
 * that images of this preprocessing do not have, `not-found` and `invalid-file` for masks of regions,
 * `unsafe-file` for IDs and names that would lead out of the CAPS.
 */
export async function locateSessions(
  sessions: readonly Session[],
  options: LocateOptions,
): Promise<LocatedSessions> {
  const { found, failures } = await findSessionFiles(sessions, options);
  return { found: found.map(locatedImage), failures };
}

/** An image whose files were found. */
export function locatedImage(files: CapsFiles): LocatedImage {
  return {
    session: files.session,
    source: files.caps,
    warnings: files.warnings,
    ...(files.masks && { regions: regionShapes(files.masks, files.settings) }),
    files: () => filesOf(files),
    grid: () => readSessionGrid(files),
    read: (options) => readFiles(files, options),
  };
}
