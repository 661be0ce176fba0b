import { basename } from "node:path";
import { imageEnding, noImageName } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";

/** What the results of an image are called. @throws VoxplainError `invalid-argument` for an unknown format. */
export function imageName(path: string): string {
  const file = basename(path);
  const ending = imageEnding(file);
  if (ending !== undefined && file.length > ending.length) return file.slice(0, -ending.length);
  throw new VoxplainError("invalid-argument", noImageName(path));
}
