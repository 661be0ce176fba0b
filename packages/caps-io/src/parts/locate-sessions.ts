import { type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import { findImage, type ImagePaths } from "../find-image.ts";
import type { Session } from "../labels.ts";
import { imagePaths, type Preprocessing } from "../layout.ts";
import { nearIds } from "../near-ids.ts";
import { checkSettings } from "./check-settings.ts";
import { type ExtractedFiles, extractedExample, findExtracted } from "./extracted-files.ts";
import type { SessionFailure } from "./image-input.ts";
import { maskPath, type RegionMask, readRegionMasks } from "./region-masks.ts";
import { type PartSettings, partNouns } from "./settings.ts";

/** A session of which a CAPS has what a network needs. */
export interface LocatedImage {
  /** Whose data it is. */
  readonly session: Session;
  /** The CAPS that it lies in. */
  readonly caps: FileSource;
  /** Of the images. */
  readonly preprocessing: Preprocessing;
  /** How the image is cut into parts. */
  readonly settings: PartSettings;
  /** The whole image, where there is one. */
  readonly image?: ImagePaths;
  /** Set when the parts are read from files of their own. */
  readonly extracted?: ExtractedFiles;
  /** Of the regions, where the CAPS has them. */
  readonly masks?: readonly RegionMask[];
  /** Sentences about what is odd, but can be lived with. */
  readonly warnings: readonly string[];
}

/** What is looked for, and where. */
export interface LocateOptions {
  /** Of the images. */
  readonly preprocessing: Preprocessing;
  /** How the image is cut into parts. */
  readonly settings: PartSettings;
  /** The CAPS that a session is in: of one cohort always the same. */
  readonly capsOf: (session: Session) => FileSource;
}

/** Both in the order of the sessions. */
export interface LocatedSessions {
  /** Sessions that can be read, in the order asked for. */
  readonly found: readonly LocatedImage[];
  /** Sessions without the files that are needed, in the order asked for. */
  readonly failures: readonly SessionFailure[];
}

/**
 * Finds what a network needs of each session: the image; or its extracted parts, where the settings say
 * so and where only they are there. Of a CAPS that has no extracted part of a session the image serves.
 * @throws VoxplainError for what concerns every session: `invalid-argument`, `unsupported` for parts
 * that images of this preprocessing do not have, `not-found` and `invalid-file` for masks of regions,
 * `unsafe-file` for IDs and names that would lead out of the CAPS.
 */
export async function locateSessions(
  sessions: readonly Session[],
  { preprocessing, settings, capsOf }: LocateOptions,
): Promise<LocatedSessions> {
  checkSettings(preprocessing, settings);
  const found: LocatedImage[] = [];
  const failures: SessionFailure[] = [];
  const masks = masksOf(preprocessing, settings, new Set(sessions.map(capsOf)));
  for (const session of sessions) {
    const caps = capsOf(session);
    const known = { session, caps, preprocessing, settings };
    const image = await findImage(caps, preprocessing, session).catch((error: unknown) => {
      if (isVoxplainError(error, "invalid-file")) return error;
      throw error;
    });
    if (image instanceof Error) {
      failures.push({ session, error: image });
      continue;
    }
    const wanted = settings.mode !== "image" && settings.extracted;
    const extracted =
      image === undefined || wanted ? await findExtracted(caps, preprocessing, session, settings) : undefined;
    if (image === undefined && extracted === undefined) {
      failures.push({ session, error: await missing(known) });
      continue;
    }
    const regions = await masks(caps, extracted !== undefined);
    const instead = wanted && extracted === undefined && !(settings.mode === "roi" && !settings.list);
    found.push({
      ...known,
      ...(image && { image }),
      ...(extracted && { extracted }),
      ...(regions && { masks: regions }),
      warnings: instead
        ? [
            `there are no extracted ${partNouns[settings.mode]}; they are cut out of the image, which gives the same`,
          ]
        : [],
    });
  }
  return { found, failures };
}

/**
 * One error for all the sessions that were not found, counting them and naming five.
 * @param count - How many were looked for.
 */
export function missingSessions(failures: readonly SessionFailure[], count: number): VoxplainError {
  const [first, ...others] = failures.map(({ error }) => error);
  if (first === undefined) throw new RangeError("no session is missing");
  if (others.length === 0) return first;
  const named = failures.slice(0, 5).map(({ session }) => `${session.participantId} ${session.sessionId}`);
  return new VoxplainError(
    first.code,
    `${failures.length} of ${count} sessions are not in the CAPS: ${named.join(", ")}` +
      `${failures.length > 5 ? ", …" : ""}; ${first.message}`,
  );
}

async function missing({
  session,
  caps,
  preprocessing,
  settings,
}: Omit<LocatedImage, "warnings">): Promise<VoxplainError> {
  const { participantId, sessionId } = session;
  const paths = [
    ...Object.values(imagePaths(preprocessing, participantId, sessionId)),
    extractedExample(preprocessing, session, settings),
  ].filter((path) => path !== undefined);
  const parts = settings.mode === "image" ? "" : `, nor extracted ${partNouns[settings.mode]} of it,`;
  const near = await nearIds(caps, session);
  const hint =
    participantId.startsWith("sub-") && sessionId.startsWith("ses-")
      ? near
      : `${near}; in a CAPS participant_id begins with "sub-" and session_id with "ses-"`;
  return new VoxplainError(
    "not-found",
    `${participantId} ${sessionId} has no ${preprocessing} image${parts} in ${caps.name} (looked for ${paths.join(" and ")})${hint}`,
  );
}

/**
 * The masks of a session's own CAPS; of another cohort's where it has none: they lie on the same template.
 * Extracted regions can do without.
 */
function masksOf(preprocessing: Preprocessing, settings: PartSettings, sources: ReadonlySet<FileSource>) {
  const list = settings.mode === "roi" ? settings.list : undefined;
  const reading = new Map<FileSource, Promise<readonly RegionMask[] | undefined>>();
  return async (own: FileSource, optional: boolean): Promise<readonly RegionMask[] | undefined> => {
    if (list === undefined) return undefined;
    for (const caps of new Set([own, ...sources])) {
      const masks = reading.get(caps) ?? readRegionMasks(caps, preprocessing, list);
      reading.set(caps, masks);
      const found = await masks.catch((error: unknown) => {
        if (optional && isVoxplainError(error)) return undefined;
        throw error;
      });
      if (found) return found;
    }
    if (optional) return undefined;
    const lacking = await firstLacking(own, preprocessing, list);
    throw new VoxplainError(
      "not-found",
      `there is no mask ${own.name}/${lacking}: it is needed to cut the region out of the images`,
    );
  };
}

async function firstLacking(caps: FileSource, preprocessing: Preprocessing, list: readonly string[]) {
  for (const name of list) {
    const path = maskPath(preprocessing, name);
    if ((await caps.open(path)) === undefined) return path;
  }
  return maskPath(preprocessing, list[0]!);
}
