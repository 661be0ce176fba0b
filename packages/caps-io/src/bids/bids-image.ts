import type { FilePath } from "@voxplain/core";
import type { ImageName } from "./file-name.ts";

/** An image of a dataset: what its name and its folders say. */
export interface BidsImage extends ImageName {
  /** Below the root of the dataset. */
  readonly path: FilePath;
  /** The folder that it is in, such as "anat"; "" where it is in the folder of its participant or session. */
  readonly datatype: string;
  /** Whether it is a symbolic link whose target is missing. */
  readonly isLink: boolean;
}

/** The value of a key of filters in an image: of an entity, "suffix", "extension" or "datatype"; "" where it has none. */
export function fieldOf(image: BidsImage, key: string): string {
  switch (key) {
    case "sub":
      return image.participantId.slice("sub-".length);
    case "ses":
      return image.sessionId.slice("ses-".length);
    case "suffix":
    case "extension":
    case "datatype":
      return image[key];
    default:
      return image.entities.get(key) ?? "";
  }
}

/** Whose image it is. */
export type SessionIds = Pick<ImageName, "participantId" | "sessionId">;

/** "sub-01 ses-M00", or "sub-01" where there are no sessions. */
export function sessionName({ participantId, sessionId }: SessionIds): string {
  return sessionId === "" ? participantId : `${participantId} ${sessionId}`;
}
