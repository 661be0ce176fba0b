import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { imageEnding } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import { refuseSameNames } from "@voxplain/results";
import type { ProblemList } from "@voxplain/study";
import { fileAt, type Place } from "@voxplain/study/node";

/** Those of the images that are there; what is wrong with them, or with the others, is added to the problems. */
export async function imagesAt(paths: readonly string[], problems: ProblemList): Promise<readonly Place[]> {
  await problems.attempt(() => refuseSameNames(paths));
  const places: Place[] = [];
  for (const path of paths) {
    const place = await problems.attempt(() => fileAt(path, "image"));
    if (place !== undefined) places.push(place);
  }
  return places;
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
