import type { FilePath } from "@voxplain/core";
import type { BidsName } from "./file-name.ts";

/** An image of a dataset: what its name and its folders say. */
export interface BidsImage extends BidsName {
  /** Below the root of the dataset. */
  readonly path: FilePath;
  /** The folder that it is in, such as "anat"; "" where it is in the folder of its participant or session. */
  readonly datatype: string;
  /** Whether it is a symbolic link whose target is not there. */
  readonly isLink: boolean;
}

/** The value of a key of filters in an image: of an entity, "suffix", "extension" or "datatype"; "" where it has none. */
export function fieldOf(image: BidsImage, key: string): string {
  if (key === "suffix") return image.suffix;
  if (key === "extension") return image.extension;
  if (key === "datatype") return image.datatype;
  return image.entities.get(key) ?? "";
}

/** "sub-01". */
export function participantOf({ entities }: BidsName): string {
  return `sub-${entities.get("sub")}`;
}

/** "ses-M00"; "" where there are no sessions. */
export function sessionOf({ entities }: BidsName): string {
  const session = entities.get("ses");
  return session === undefined ? "" : `ses-${session}`;
}

/** "sub-01 ses-M00", or "sub-01" where there are no sessions. */
export function sessionName(image: BidsName): string {
  const session = sessionOf(image);
  return session === "" ? participantOf(image) : `${participantOf(image)} ${session}`;
}
