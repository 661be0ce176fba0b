import {
  type FilePlace,
  fileLocator,
  type ListedImage,
  type LocatedImage,
  type LocatedSessions,
  looseImage,
  type Session,
  type SessionFailure,
} from "@voxplain/caps-io";
import { type FileSource, isVoxplainError } from "@voxplain/core";
import { type Model, stepsOf } from "../model/model.ts";

/** Sessions whose images are files of their own. */
interface FiledSessions {
  readonly sessions: readonly Session[];
  /** The file of a session. @throws VoxplainError for one without a file. */
  readonly placeOf: (session: Session) => FilePlace;
  /** CAPS with the masks of regions, for models of regions. */
  readonly masks: readonly FileSource[];
}

/** Finds what a network takes of images in files of their own; what is wrong with a session is among the failures. */
export async function locateFiles(
  model: Model,
  { sessions, placeOf, masks }: FiledSessions,
): Promise<LocatedSessions> {
  const locate = locatorFor(model, masks);
  const found: LocatedImage[] = [];
  const failures: SessionFailure[] = [];
  for (const session of sessions) {
    try {
      found.push(await locate({ session, place: placeOf(session) }));
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      failures.push({ session, error });
    }
  }
  return { found, failures };
}

function locatorFor(
  model: Model,
  masks: readonly FileSource[],
): (image: ListedImage) => Promise<LocatedImage> {
  const { input, parts: settings } = model;
  const { dims, channelsLast, preparation } = input;
  if (preparation.kind === "caps") return fileLocator({ images: preparation.images, settings, masks });
  if (settings.mode !== "image" || dims === undefined) {
    throw new RangeError("a network of parts states how they are made");
  }
  const options = { spec: { lengths: dims, channelsLast }, steps: stepsOf(model) };
  return async ({ session, place }) => looseImage(place.source, place.below, session, options);
}
