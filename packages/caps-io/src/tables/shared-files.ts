import { listedNames } from "../names-in-sentences.ts";
import type { ListedImage } from "./image-list.ts";

/** A sentence about files that are the image of several sessions. */
export function sharedFiles(images: readonly ListedImage[]): readonly string[] {
  const sessions = new Map<string, string[]>();
  for (const { session, place } of images) {
    const file = `${place.source.name}/${place.below}`;
    const others = sessions.get(file);
    if (others === undefined) sessions.set(file, [session.name]);
    else others.push(session.name);
  }
  const shared = [...sessions].filter(([, names]) => names.length > 1);
  if (shared.length === 0) return [];
  const named = shared.map(([file, names]) => `${file} (${listedNames(names)})`);
  return [`one file is the image of several sessions: ${listedNames(named)}`];
}
