import { type LocatedSessions, locateSessions, type Session } from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import type { Model } from "../model/model.ts";

/**
 * Finds the images of a CAPS that a model was trained on.
 * @param severalCaps - Those of several cohorts in the order of their table: ClinicaDL 1.x takes the masks of the first for all.
 */
export async function locateIn(
  sessions: readonly Session[],
  { name, input: { preparation }, parts }: Model,
  capsOf: (session: Session) => FileSource,
  severalCaps?: readonly FileSource[],
): Promise<LocatedSessions> {
  if (preparation.kind === "caps") {
    const { images } = preparation;
    const masks = images.generation === "1.x" ? severalCaps : undefined;
    return locateSessions(sessions, { images, settings: parts, capsOf, masks });
  }
  throw new VoxplainError("unsupported", "it does not say which images of a CAPS it was trained on", {
    file: name,
  });
}
