import { errorAt, isVoxplainError, VoxplainError } from "@voxplain/core";
import { findImage, type ImagePaths, stemOf } from "../caps/find-image.ts";
import { imagePaths, layoutOf } from "../caps/layout.ts";
import { type NearIds, nearIds } from "../caps/near-ids.ts";
import type { Session } from "../cohorts/labels.ts";
import { ofOneClass } from "../of-one-class.ts";
import { ahead } from "../read-ahead.ts";
import { checkSettings } from "./check-settings.ts";
import { type ExtractedQuery, extractedExample, findExtracted } from "./extracted-files.ts";
import type { SessionFailure } from "./image-input.ts";
import type { LocateOptions } from "./locate-options.ts";
import type { CapsFiles } from "./located-image.ts";
import { masksOf } from "./masks-of.ts";
import { type PartSettings, partNouns } from "./settings.ts";

/** The files of sessions, and the sessions without them; both in the order of the sessions. */
export interface FoundFiles {
  readonly found: readonly CapsFiles[];
  readonly failures: readonly SessionFailure[];
}

/** Sessions that are looked for at the same time. */
const concurrent = 16;

/** As `locateSessions`, which makes images of what is found here. */
export async function findSessionFiles(
  sessions: readonly Session[],
  options: LocateOptions,
): Promise<FoundFiles> {
  const { images, settings, capsOf } = options;
  checkSettings(images, settings);
  const sources = new Set(sessions.map(capsOf));
  const near = new Map([...sources].map((caps) => [caps, nearIds(caps)]));
  const masks = masksOf(options, sources);
  const found: CapsFiles[] = [];
  const failures: SessionFailure[] = [];
  const look = async (session: Session) => {
    const caps = capsOf(session);
    return findOne({ session, caps, images, settings }, masks, near.get(caps) ?? nearIds(caps));
  };
  for await (const files of ahead(sessions, look, concurrent)) {
    if ("error" in files) failures.push(files);
    else found.push(files);
  }
  return { found, failures };
}

type Wanted = Pick<CapsFiles, "session" | "caps" | "images" | "settings">;

async function findOne(
  wanted: Wanted,
  masks: ReturnType<typeof masksOf>,
  near: NearIds,
): Promise<CapsFiles | SessionFailure> {
  const { session, caps, images, settings } = wanted;
  try {
    const image = await findImage(caps, images, session);
    const stem = image && stemOf(image);
    const isExtracted = settings.mode !== "image" && settings.extracted;
    const seeksParts = image === undefined || isExtracted;
    const placing = seeksParts ? await masks({ caps, use: "place" }) : undefined;
    const query = { images, session, settings, stem, masks: placing };
    const extracted = seeksParts ? await findExtracted(caps, query) : undefined;
    if (image === undefined && extracted === undefined) {
      return { session, error: await missing(wanted, query, near) };
    }
    const regions = extracted === undefined ? await masks({ caps, use: "cut" }) : placing;
    const instead = isExtracted && extracted === undefined && !(settings.mode === "roi" && !settings.list);
    return ofOneClass({
      ...wanted,
      ...(image && { image }),
      ...(extracted && { extracted }),
      ...(regions && { masks: regions }),
      warnings: [...noteOf(image), ...(instead ? [insteadOf(settings)] : [])],
    });
  } catch (error) {
    // A folder that may not be read concerns its session alone.
    if (isVoxplainError(error, "io-failure"))
      return { session, error: errorAt(error, { session: session.name }) };
    if (!isVoxplainError(error, "invalid-file") || error.session === undefined) throw error;
    return { session, error };
  }
}

function noteOf(image: ImagePaths | undefined): readonly string[] {
  return image?.note === undefined ? [] : [image.note];
}

function insteadOf({ mode }: PartSettings): string {
  return `there are no extracted ${partNouns[mode]}; they are cut out of the image, which gives the same`;
}

/** Stands for what differs between sessions, so that the same is said of all that have no image. */
const anySession = { participantId: "<participant_id>", sessionId: "<session_id>" };

async function missing(
  { session, caps, images, settings }: Wanted,
  query: ExtractedQuery,
  near: NearIds,
): Promise<VoxplainError> {
  const { participantId, sessionId } = session;
  const { glob } = layoutOf(images);
  const paths = [
    ...Object.values(imagePaths(images, anySession.participantId, anySession.sessionId)),
    extractedExample({ ...query, session: { ...session, ...anySession } }),
    glob && `another name ${glob}`,
  ].filter((path) => path !== undefined);
  const parts = settings.mode === "image" ? "" : `, nor extracted ${partNouns[settings.mode]} of it,`;
  const similar = await near(session);
  const isPrefixed = participantId.startsWith("sub-") && sessionId.startsWith("ses-");
  const prefixes = 'in a CAPS participant_id begins with "sub-" and session_id with "ses-"';
  const hints = [similar, isPrefixed ? undefined : prefixes].filter((hint) => hint !== undefined);
  return new VoxplainError("not-found", `there is no ${images.preprocessing} image${parts} in ${caps.name}`, {
    session: session.name,
    expected: paths.join(" or "),
    ...(hints.length > 0 && { hint: hints.join("; ") }),
  });
}
