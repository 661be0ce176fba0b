import { type LocatedSessions, locateSessions, type Session } from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import type { Model } from "../model/model.ts";

/** Finds the images of a CAPS that a model was trained on. */
export async function locateIn(
  sessions: readonly Session[],
  { name, input: { preparation }, parts }: Model,
  capsOf: (session: Session) => FileSource,
): Promise<LocatedSessions> {
  if (preparation.kind === "caps") {
    return locateSessions(sessions, { images: preparation.images, settings: parts, capsOf });
  }
  throw new VoxplainError("unsupported", "it does not say which images of a CAPS it was trained on", {
    file: name,
  });
}
