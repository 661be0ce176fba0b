import { type CapsImages, elementAt, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import { findImage } from "../find-image.ts";
import type { Session } from "../labels.ts";
import { imagePaths } from "../layout.ts";
import { nearIds } from "../near-ids.ts";
import { checkSettings } from "./check-settings.ts";
import { extractedExample, findExtracted } from "./extracted-files.ts";
import type { SessionFailure } from "./image-input.ts";
import type { CapsFiles } from "./located-image.ts";
import { maskPath, type RegionMask, readRegionMasks } from "./region-masks.ts";
import { type PartSettings, partNouns } from "./settings.ts";

/** What is looked for, and where. */
export interface LocateOptions {
  /** Which image of each session. */
  readonly images: CapsImages;
  /** How the image is cut into parts. */
  readonly settings: PartSettings;
  /** The CAPS that a session is in: of one cohort always the same. */
  readonly capsOf: (session: Session) => FileSource;
}

/** The files of sessions, and the sessions without them; both in the order of the sessions. */
export interface FoundFiles {
  readonly found: readonly CapsFiles[];
  readonly failures: readonly SessionFailure[];
}

/** As `locateSessions`, which makes images of what is found here. */
export async function findSessionFiles(
  sessions: readonly Session[],
  { images, settings, capsOf }: LocateOptions,
): Promise<FoundFiles> {
  checkSettings(images, settings);
  const found: CapsFiles[] = [];
  const failures: SessionFailure[] = [];
  const masks = masksOf(images, settings, new Set(sessions.map(capsOf)));
  for (const session of sessions) {
    const caps = capsOf(session);
    const known = { session, caps, images, settings };
    const image = await findImage(caps, images, session).catch((error: unknown) => {
      if (isVoxplainError(error, "invalid-file")) return error;
      throw error;
    });
    if (image instanceof Error) {
      failures.push({ session, error: image });
      continue;
    }
    const wanted = settings.mode !== "image" && settings.extracted;
    const extracted =
      image === undefined || wanted ? await findExtracted(caps, images, session, settings) : undefined;
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

async function missing({
  session,
  caps,
  images,
  settings,
}: Omit<CapsFiles, "warnings">): Promise<VoxplainError> {
  const { participantId, sessionId } = session;
  const paths = [
    ...Object.values(imagePaths(images, participantId, sessionId)),
    extractedExample(images, session, settings),
  ].filter((path) => path !== undefined);
  const parts = settings.mode === "image" ? "" : `, nor extracted ${partNouns[settings.mode]} of it,`;
  const near = await nearIds(caps, session);
  const hint =
    participantId.startsWith("sub-") && sessionId.startsWith("ses-")
      ? near
      : `${near}; in a CAPS participant_id begins with "sub-" and session_id with "ses-"`;
  return new VoxplainError(
    "not-found",
    `${participantId} ${sessionId} has no ${images.preprocessing} image${parts} in ${caps.name} (looked for ${paths.join(" and ")})${hint}`,
  );
}

/**
 * The masks of a session's own CAPS; of another cohort's where it has none: they lie on the same template.
 * Extracted regions can do without.
 */
function masksOf(images: CapsImages, settings: PartSettings, sources: ReadonlySet<FileSource>) {
  const list = settings.mode === "roi" ? settings.list : undefined;
  const reading = new Map<FileSource, Promise<readonly RegionMask[] | undefined>>();
  return async (own: FileSource, optional: boolean): Promise<readonly RegionMask[] | undefined> => {
    if (list === undefined) return undefined;
    for (const caps of new Set([own, ...sources])) {
      const masks = reading.get(caps) ?? readRegionMasks(caps, images, list);
      reading.set(caps, masks);
      const found = await masks.catch((error: unknown) => {
        if (optional && isVoxplainError(error)) return undefined;
        throw error;
      });
      if (found) return found;
    }
    if (optional) return undefined;
    const lacking = await firstLacking(own, images, list);
    throw new VoxplainError(
      "not-found",
      `there is no mask ${own.name}/${lacking}: it is needed to cut the region out of the images`,
    );
  };
}

async function firstLacking(caps: FileSource, images: CapsImages, list: readonly string[]) {
  for (const name of list) {
    const path = maskPath(images, name);
    if ((await caps.open(path)) === undefined) return path;
  }
  return maskPath(images, elementAt(list, 0));
}
