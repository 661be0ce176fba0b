import { type FilePath, groupBy, VoxplainError } from "@voxplain/core";
import { listedNames } from "../names-in-sentences.ts";
import { type BidsImage, fieldOf, sessionName } from "./bids-image.ts";
import { entities } from "./entities.ts";
import { type Criterion, filterText, isWanted } from "./filter.ts";
import type { FoundImages } from "./find-images.ts";

/** One image of each session. */
export interface ChosenImages {
  /** In the order of the candidates. */
  readonly images: readonly BidsImage[];
  /** An image of each session for which none could be chosen. */
  readonly unsettled: readonly BidsImage[];
  /** Sessions with several candidates: an error for each way in which they differ. */
  readonly problems: readonly VoxplainError[];
  /** Sentences about the images that were chosen. */
  readonly notes: readonly string[];
}

/**
 * Chooses the image of each session from candidates: the only one; else, where filters do not decide, the only
 * one whose entities are those of the model's pipeline. Where that settles a session, it has to settle all: the single image of
 * another session may be one that was passed over elsewhere.
 */
export function chooseImages(candidates: readonly BidsImage[], own: FoundImages["own"]): ChosenImages {
  const sessions = [...groupBy(candidates, sessionName).values()];
  const narrowed = own?.decides && sessions.some((files) => files.length > 1 && onlyOwn(files, own.entities));
  const images: BidsImage[] = [];
  const unsettled: (readonly [BidsImage, ...BidsImage[]])[] = [];
  for (const files of sessions) {
    const image = narrowed ? onlyOwn(files, own.entities) : files.length === 1 ? files[0] : undefined;
    if (image !== undefined) images.push(image);
    else unsettled.push(files);
  }
  return {
    images,
    unsettled: unsettled.map(([first]) => first),
    problems: ambiguities(unsettled, own?.entities ?? []),
    notes: unlike(images),
  };
}

function onlyOwn(files: readonly BidsImage[], own: readonly Criterion[]): BidsImage | undefined {
  const [image, ...others] = files.filter((file) => isWanted(file, own));
  return others.length === 0 ? image : undefined;
}

/** One error for all sessions whose images differ in the same keys. */
function ambiguities(
  sessions: readonly (readonly BidsImage[])[],
  own: readonly Criterion[],
): readonly VoxplainError[] {
  const kinds = groupBy(sessions, (files) => (files.length === 1 ? "single" : differing(files).join(", ")));
  return [...kinds].map(([kind, alike]) =>
    kind === "single" ? strange(alike.flat(), own) : ambiguity(kind, alike, own),
  );
}

function ambiguity(
  differences: string,
  sessions: readonly (readonly BidsImage[])[],
  own: readonly Criterion[],
): VoxplainError {
  const [first = []] = sessions;
  const ids = sessions.map(([image]) => (image === undefined ? "" : sessionName(image)));
  const filters = first.map((image) => filterFor(image, first));
  const usual = onlyOwn(first, own);
  // An entity that is missing, "space=", makes a poor example.
  const filter =
    (usual && filters[first.indexOf(usual)]) ??
    filters.find((text) => /^(\S+=\S+ ?)+$/.test(text)) ??
    filters.find((text) => text !== "");
  const names = new Set(first.map(({ path }) => nameOf(path)));
  const files = first.map(({ path }, k) => {
    const file = names.size === first.length ? nameOf(path) : path;
    return filters[k] ? `${file} (${filters[k]})` : file;
  });
  const where = ids.length === 1 ? "" : ` in each of ${ids.length} sessions (${listedNames(ids)})`;
  return new VoxplainError(
    "mismatch",
    differences === ""
      ? `several images match${where}, and no entity distinguishes them`
      : `several images match${where}; they differ in ${differences}`,
    {
      ...(ids.length === 1 && { session: ids[0] }),
      expected: "one image of each session",
      found: `${ids.length === 1 ? "" : "in the first "}${listedNames(files)}`,
      hint:
        filter === undefined
          ? "remove all but one of them, or list the others in .bidsignore"
          : `choose one of them by its entities, such as ${filter} (--bids_filter)`,
    },
  );
}

function nameOf(path: FilePath): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Sessions whose only image has other entities than those that were chosen in the other sessions. */
function strange(images: readonly BidsImage[], own: readonly Criterion[]): VoxplainError {
  const names = images.map(sessionName);
  const where = names.length === 1 ? "it" : `each of ${names.length} sessions (${listedNames(names)})`;
  return new VoxplainError(
    "mismatch",
    `the only image of ${where} is not named as those of the other sessions`,
    {
      ...(names.length === 1 && { session: names[0] }),
      expected: filterText(own),
      found: listedNames(images.map(({ path }) => path)),
      hint: `leave such sessions out by the entities of the others, such as ${filterText(own)} (--bids_filter)`,
    },
  );
}

/** The keys in which images of one session differ, in the order of file names. */
function differing(files: readonly BidsImage[]): readonly string[] {
  return keysOf(files).filter((key) => new Set(files.map((file) => fieldOf(file, key))).size > 1);
}

/** Every key that one of the images has, but those of participant and session. */
function keysOf(files: readonly BidsImage[]): readonly string[] {
  const used = new Set(files.flatMap(({ entities }) => [...entities.keys()]));
  const known = entities.map(({ key }) => key).filter((key) => used.has(key));
  const others = [...used].filter((key) => !known.includes(key)).sort();
  return [...known, ...others, "suffix", "datatype", "extension"];
}

/** The fewest of the keys, from the first on, that choose an image among these; "" where none do. */
function filterFor(image: BidsImage, files: readonly BidsImage[]): string {
  const criteria: Criterion[] = [];
  let left = files;
  for (const key of differing(files)) {
    const criterion = { key, values: [fieldOf(image, key)] };
    const kept = left.filter((file) => isWanted(file, [criterion]));
    if (kept.length < left.length) criteria.push(criterion);
    left = kept;
  }
  return left.length === 1 ? filterText(criteria) : "";
}

/** How the chosen images of different sessions differ. */
function unlike(images: readonly BidsImage[]): readonly string[] {
  return keysOf(images)
    .filter((key) => key !== "extension" && key !== "datatype")
    .flatMap((key) => {
      const counts = new Map<string, number>();
      for (const image of images) {
        const value = fieldOf(image, key);
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      if (counts.size < 2) return [];
      const parts = [...counts].map(([value, count]) => `${value === "" ? `no ${key}` : value} (${count})`);
      return [`the images of the sessions differ in ${key}: ${listedNames(parts)}`];
    });
}
