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

/**
 * Refuses images whose results would have one name.
 * @throws VoxplainError `invalid-argument` for two of them, and for unknown formats.
 */
export function refuseSameNames(paths: readonly string[]): void {
  const names = new Map<string, string>();
  for (const path of paths) {
    const name = imageName(path);
    const other = names.get(name);
    if (other !== undefined) {
      throw new VoxplainError(
        "invalid-argument",
        `${other} and ${path} would both write ${name}.npy: explain them one after the other, into two folders`,
      );
    }
    names.set(name, path);
  }
}
