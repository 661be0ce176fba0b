import { groupBy } from "@voxplain/core";
import { listedNames } from "../names-in-sentences.ts";
import type { ListedImage } from "./image-list.ts";

/** A sentence about files that are the image of several sessions. */
export function sharedFiles(images: readonly ListedImage[]): readonly string[] {
  const byFile = groupBy(images, ({ place }) => `${place.source.name}/${place.below}`);
  const shared = [...byFile].filter(([, of]) => of.length > 1);
  if (shared.length === 0) return [];
  const named = shared.map(([file, of]) => `${file} (${listedNames(of.map(({ session }) => session.name))})`);
  return [`one file is the image of several sessions: ${listedNames(named)}`];
}
