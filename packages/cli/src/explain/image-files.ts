import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { imageEnding, noImageName } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import type { ProblemList } from "@voxplain/study";
import { fileAt, type Place } from "@voxplain/study/node";

/** What the results of an image are called. @throws VoxplainError `invalid-argument` for an unknown format. */
export function imageName(path: string): string {
  const file = basename(path);
  const ending = imageEnding(file);
  if (ending !== undefined && file.length > ending.length) return file.slice(0, -ending.length);
  throw new VoxplainError("invalid-argument", noImageName(path));
}

/** Those of the images that are there; what is wrong with them, or with the others, is added to the problems. */
export async function imagesAt(paths: readonly string[], problems: ProblemList): Promise<readonly Place[]> {
  await problems.attempt(() => checkNames(paths));
  const places: Place[] = [];
  for (const path of paths) {
    const place = await problems.attempt(() => fileAt(path, "image"));
    if (place !== undefined) places.push(place);
  }
  return places;
}

/** @throws VoxplainError `invalid-argument` for two whose results would have one name, and for unknown formats. */
function checkNames(paths: readonly string[]): void {
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

/** The images of a folder, in the order of their names; or files, separated by commas. */
export async function referencesAt(text: string): Promise<readonly Place[]> {
  const folder = resolve(text);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    return text.split(",").map((path) => fileAt(path, "method_options"));
  const names = (await readdir(folder)).sort().filter((name) => {
    const ending = imageEnding(name);
    return ending !== undefined && name.length > ending.length;
  });
  if (names.length > 0) return names.map((name) => fileAt(join(folder, name), "method_options"));
  throw new VoxplainError("not-found", `there is no image in ${folder}`);
}
