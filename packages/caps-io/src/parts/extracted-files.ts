import { type CapsImages, elementAt, type FilePath, type FileSource, joinPath } from "@voxplain/core";
import type { Session } from "../labels.ts";
import { extractedFolder, numberedNames, regionNames } from "./extracted-names.ts";
import type { PartSettings, PatchSettings, RoiSettings, SliceSettings } from "./settings.ts";

/** The files of extracted parts that a CAPS has of a session. */
export interface ExtractedFiles {
  /** The `id`s of the parts that are there, ascending. */
  readonly ids: readonly [number, ...number[]];
  /** Where the file of any part is, or should be. */
  pathOf(id: number): FilePath;
}

/** Looks for extracted parts; undefined where there is not a single one. */
export async function findExtracted(
  caps: FileSource,
  images: CapsImages,
  session: Session,
  settings: PartSettings,
): Promise<ExtractedFiles | undefined> {
  if (settings.mode === "image") return undefined;
  const { participantId, sessionId } = session;
  const folder = extractedFolder(images, participantId, sessionId, settings.mode);
  const entries = folder === undefined ? undefined : await caps.list(folder);
  if (folder === undefined || entries === undefined) return undefined;
  const names = new Set(entries.filter(({ kind }) => kind === "file").map(({ name }) => name));
  if (settings.mode === "roi") return regions(folder, names, images, session, settings);
  return numbered(folder, names, images, session, settings);
}

function numbered(
  folder: FilePath,
  names: ReadonlySet<string>,
  images: CapsImages,
  { participantId, sessionId }: Session,
  settings: PatchSettings | SliceSettings,
): ExtractedFiles | undefined {
  for (const { before, after } of numberedNames(images, participantId, sessionId, settings)) {
    const ids: number[] = [];
    for (const name of names) {
      if (!name.startsWith(before) || !name.endsWith(after)) continue;
      const number = name.slice(before.length, -after.length);
      if (/^(0|[1-9]\d{0,8})$/.test(number)) ids.push(Number(number));
    }
    const [first, ...others] = ids.sort((a, b) => a - b);
    if (first === undefined) continue;
    return { ids: [first, ...others], pathOf: (id) => joinPath(folder, `${before}${id}${after}`) };
  }
  return undefined;
}

function regions(
  folder: FilePath,
  names: ReadonlySet<string>,
  images: CapsImages,
  { participantId, sessionId }: Session,
  settings: RoiSettings,
): ExtractedFiles | undefined {
  const candidates = (settings.list ?? []).map((region) =>
    regionNames(images, participantId, sessionId, settings, region),
  );
  const found = candidates.map((possible) => possible.find((name) => names.has(name)));
  const [first, ...others] = [...found.keys()].filter((id) => found[id] !== undefined);
  if (first === undefined) return undefined;
  return {
    ids: [first, ...others],
    pathOf: (id) => joinPath(folder, found[id] ?? elementAt(candidates, id)[0]),
  };
}

/** For messages: what was looked for. */
export function extractedExample(
  images: CapsImages,
  { participantId, sessionId }: Session,
  settings: PartSettings,
): FilePath | undefined {
  if (settings.mode === "image") return undefined;
  const folder = extractedFolder(images, participantId, sessionId, settings.mode);
  if (folder === undefined) return undefined;
  if (settings.mode === "roi") {
    const [first] = settings.list ?? [];
    if (first === undefined) return undefined;
    return joinPath(folder, regionNames(images, participantId, sessionId, settings, first)[0]);
  }
  const [{ before, after }] = numberedNames(images, participantId, sessionId, settings);
  const first = settings.mode === "slice" ? settings.discarded[0] : 0;
  return joinPath(folder, `${before}${first}${after}`);
}
