import { type CapsImages, type FilePath, type FileSource, joinPath, VoxplainError } from "@voxplain/core";
import { layoutOf, sessionFolders } from "../caps/layout.ts";
import type { Session } from "../cohorts/labels.ts";
import { type NumberedName, numberedNames, regionNames, similarNumbered } from "./extracted-names.ts";
import { mapsRegionName, similarRegion } from "./maps-region-names.ts";
import type { RegionMask } from "./region-masks.ts";
import type { PartSettings, PatchSettings, RoiSettings, SliceSettings } from "./settings.ts";

/** The files of extracted parts that a CAPS has of a session. */
export interface ExtractedFiles {
  /** The `id`s of the parts that are there, ascending. */
  readonly ids: readonly [number, ...number[]];
  /** Where the file of any part is, or should be. */
  pathOf(id: number): FilePath;
}

/** Whose parts are looked for, and what is known of their names. */
export interface ExtractedQuery {
  readonly images: CapsImages;
  readonly session: Session;
  readonly settings: PartSettings;
  /** The name of the whole image without its ending, where the CAPS has it. */
  readonly stem?: string | undefined;
  /** The masks of the regions, where the CAPS has them. */
  readonly masks?: readonly RegionMask[] | undefined;
}

/**
 * Looks for extracted parts; undefined where there is not a single one.
 * @throws VoxplainError `invalid-file` when parts of two images are there, and the image is not.
 */
export async function findExtracted(
  caps: FileSource,
  query: ExtractedQuery,
): Promise<ExtractedFiles | undefined> {
  const { settings } = query;
  if (settings.mode === "image") return undefined;
  const folder = extractedFolder(query);
  const entries = folder === undefined ? undefined : await caps.list(folder);
  if (folder === undefined || entries === undefined) return undefined;
  const names = new Set(entries.filter(({ kind }) => kind === "file").map(({ name }) => name));
  if (settings.mode === "roi") return regions(folder, names, query, settings);
  return numbered(folder, names, query, settings);
}

/** The folder of a session in which extracted parts are; undefined where images have none. */
function extractedFolder({ images, session, settings }: ExtractedQuery): FilePath | undefined {
  const layout = layoutOf(images);
  return layout.pipeline === undefined ? undefined : sessionFolders(layout, session, settings.mode).tensors;
}

function numbered(
  folder: FilePath,
  names: ReadonlySet<string>,
  { images, session, stem }: ExtractedQuery,
  settings: PatchSettings | SliceSettings,
): ExtractedFiles | undefined {
  for (const { before, after } of numberedNames(images, session, settings, stem)) {
    const found = partsNamed(folder, names, { before, after });
    if (found !== undefined) return found;
  }
  const [similar, ...others] = stem === undefined ? similarNumbered(images, settings, names) : [];
  if (similar === undefined || others.length === 0) return similar && partsNamed(folder, names, similar);
  throw twoKinds(
    session,
    [similar, ...others].map(({ before, after }) => `${joinPath(folder, before)}…${after}`),
  );
}

function partsNamed(
  folder: FilePath,
  names: ReadonlySet<string>,
  { before, after }: NumberedName,
): ExtractedFiles | undefined {
  const ids: number[] = [];
  for (const name of names) {
    if (!name.startsWith(before) || !name.endsWith(after)) continue;
    const number = name.slice(before.length, -after.length);
    if (/^(0|[1-9]\d{0,8})$/.test(number)) ids.push(Number(number));
  }
  const [first, ...others] = ids.sort((a, b) => a - b);
  if (first === undefined) return undefined;
  return { ids: [first, ...others], pathOf: (id) => joinPath(folder, `${before}${id}${after}`) };
}

function regions(
  folder: FilePath,
  names: ReadonlySet<string>,
  query: ExtractedQuery,
  settings: RoiSettings,
): ExtractedFiles | undefined {
  const candidates = (settings.list ?? []).map((region, index) =>
    candidatesOf(region, index, names, query, settings),
  );
  const found = candidates.map((possible) => possible.find((name) => names.has(name)));
  const [first, ...others] = [...found.keys()].filter((id) => found[id] !== undefined);
  if (first === undefined) return undefined;
  return {
    ids: [first, ...others],
    pathOf: (id) => joinPath(folder, found[id] ?? candidates[id]?.[0] ?? `*_roi-${settings.list?.[id]}_*.pt`),
  };
}

/** The names that the file of a region may have. */
function candidatesOf(
  region: string,
  index: number,
  names: ReadonlySet<string>,
  { images, session, stem, masks }: ExtractedQuery,
  settings: RoiSettings,
): readonly string[] {
  if (images.generation !== "1.x") return regionNames(images, session, settings, region);
  const mask = masks?.[index];
  if (stem !== undefined && mask !== undefined) return [mapsRegionName(stem, mask.file, settings)];
  const similar = similarRegion(images, settings, region, names);
  if (similar.length > 1) throw twoKinds(session, similar);
  return similar;
}

function twoKinds(session: Session, found: readonly string[]): VoxplainError {
  return new VoxplainError("invalid-file", "extracted parts of two images, and no image", {
    session: session.name,
    found: found.join(" and "),
    hint: "remove those of one of them",
  });
}

/** For messages: what was looked for. */
export function extractedExample(query: ExtractedQuery): FilePath | undefined {
  const { images, session, settings, stem } = query;
  const folder = extractedFolder(query);
  if (settings.mode === "image" || folder === undefined) return undefined;
  if (settings.mode === "roi") {
    const [first] = settings.list ?? [];
    if (first === undefined) return undefined;
    if (images.generation === "1.x") return joinPath(folder, `*_roi-${first}_*.pt`);
    return joinPath(folder, regionNames(images, session, settings, first)[0]);
  }
  const [name] = numberedNames(images, session, settings, stem);
  const first = settings.mode === "slice" ? settings.discarded[0] : 0;
  return name && joinPath(folder, `${name.before}${first}${name.after}`);
}
