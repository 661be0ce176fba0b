import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import type { Model } from "../model/model.ts";
import { trainingPath } from "./training-path.ts";

/**
 * The folders with the masks that a model of regions cuts images with: the one that is given, else the CAPS of its training
 * where that is on this machine. Empty for other models.
 * @param path - A folder with a folder "masks", such as a CAPS.
 * @param option - The option that gave the path, for messages.
 * @throws VoxplainError `not-found` for a path without that folder.
 */
export function masksAt(
  { parts, training, source }: Model,
  path?: string,
  option?: string,
): readonly FileSource[] {
  if (path !== undefined) {
    const folder = resolve(path);
    if (existsSync(join(folder, "masks"))) return [directory(folder)];
    const by = option === undefined ? "" : ` (--${option})`;
    throw new VoxplainError("not-found", `there is no folder "masks"${by}`, { file: folder });
  }
  if (parts.mode !== "roi" || parts.list === undefined || training?.severalCohorts !== false) return [];
  try {
    return [directory(trainingPath(training, source.name, "caps_dir", training.caps))];
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return [];
  }
}
