import { type CapsImages, type FileEntry, type FileSource, VoxplainError } from "@voxplain/core";
import { counted, listedNames } from "../names-in-sentences.ts";
import { type BidsImage, fieldOf } from "./bids-image.ts";
import { readBidsIgnore } from "./bidsignore.ts";
import { type Criterion, checkKeys, filterText, meets, parseFilters } from "./filter.ts";
import { ownImage } from "./own-image.ts";
import { unusableFolders, walkDataset } from "./walk-dataset.ts";

/** The images of a dataset that could be meant. */
export interface FoundImages {
  /** In the order of the folders; several of a session where the filters do not choose. */
  readonly candidates: readonly BidsImage[];
  /** What the images of the model's pipeline have; it decides among several of a session where filters do not. */
  readonly own: { readonly entities: readonly Criterion[]; readonly decides: boolean } | undefined;
  /** Whether filters leave sessions out. */
  readonly choosesSessions: boolean;
  /** What was looked for, as filters: "suffix=T1w". */
  readonly wanted: string;
  /** Participants that have a folder, and are not left out by a filter. */
  readonly participants: readonly string[];
  /** Whether a participant is not left out by a filter. */
  readonly concerns: (participantId: string) => boolean;
  /** Those with a `<participant>_sessions.tsv`. */
  readonly withSessionsTable: readonly string[];
  /** Sentences about what was left out. */
  readonly notes: readonly string[];
}

/** What images are if no filter asks for other extensions. */
const niftis: Criterion = { key: "extension", values: [".nii.gz", ".nii"] };

/**
 * Finds images by filters; without any by the suffix of the model's pipeline. Filters that choose participants or sessions
 * do not count as a choice of the file.
 * @throws VoxplainError `invalid-argument` for a filter that is malformed or has an unknown key; `not-found` with the values
 * that there are where no image matches.
 */
export async function findImages(
  source: FileSource,
  root: readonly FileEntry[],
  { filters, trained }: { readonly filters: readonly string[]; readonly trained: CapsImages | undefined },
): Promise<FoundImages> {
  const given = parseFilters(filters);
  const own = trained && ownImage(trained);
  const choosesFile = given.some(({ key }) => key !== "sub" && key !== "ses");
  const suffix: readonly Criterion[] = own && !choosesFile ? [{ key: "suffix", values: own.suffixes }] : [];
  const asked = [...given, ...suffix];
  const criteria = asked.some(({ key }) => key === "extension") ? asked : [...asked, niftis];
  const ignores = await readBidsIgnore(source);
  const seen = seenValues();
  const matching: BidsImage[] = [];
  const participants: string[] = [];
  const withSessionsTable: string[] = [];
  const ignored: string[] = [];
  const misplaced: string[] = [];
  const unnamed: string[] = [];
  const unusable = [...unusableFolders(root)];
  const wants = (image: BidsImage) => criteria.every((criterion) => meets(image, criterion));
  const isLeftOut = (path: string) => {
    if (!ignores(path)) return false;
    ignored.push(path);
    return true;
  };
  const chosen = given.find(({ key }) => key === "sub")?.values;
  const concerns = (participantId: string) => chosen?.includes(participantId.slice("sub-".length)) ?? true;
  for await (const folder of walkDataset(source, root)) {
    unusable.push(...folder.unusable);
    const isConcerned = concerns(folder.participantId);
    if (isConcerned) participants.push(folder.participantId);
    if (isConcerned && folder.hasSessionsTable) withSessionsTable.push(folder.participantId);
    for (const image of folder.images) {
      if (asked === criteria || meets(image, niftis)) seen.add(image, criteria);
      if (wants(image) && !isLeftOut(image.path)) matching.push(image);
    }
    for (const image of folder.misplaced)
      if (wants(image) && !isLeftOut(image.path)) misplaced.push(image.path);
    const niftiPaths = folder.unnamed.filter((path) => /\.nii(\.gz)?$/.test(path));
    if (isConcerned) unnamed.push(...niftiPaths.filter((path) => !ignores(path)));
  }
  checkKeys(given, seen.keys);
  const notes = [
    ...counted("images left out by .bidsignore", ignored),
    ...counted(
      "images left out that are named for another participant or session than their folder",
      misplaced,
    ),
    ...counted("images left out that are not named as BIDS has it", unnamed),
    ...counted('folders left out whose names have control characters or "\\"', unusable),
  ];
  const candidates = ofOwnSuffix(matching, given, own?.suffixes);
  if (candidates.length === 0) throw seen.error(source, asked, notes);
  const wanted = filterText(asked.filter(({ key }) => key !== "sub"));
  return {
    candidates,
    own: own && { entities: own.entities, decides: !choosesFile },
    choosesSessions: given.some(({ key }) => key === "ses"),
    wanted,
    participants,
    concerns,
    withSessionsTable,
    notes,
  };
}

/** Where filters leave images of several suffixes, such as images and masks, those of the model's pipeline are meant. */
function ofOwnSuffix(
  images: readonly BidsImage[],
  given: readonly Criterion[],
  suffixes: readonly string[] | undefined,
): readonly BidsImage[] {
  if (suffixes === undefined || given.some(({ key }) => key === "suffix")) return images;
  const own = images.filter(({ suffix }) => suffixes.includes(suffix));
  return own.length > 0 ? own : images;
}

/** Remembers which values there are, for the error where no image has the wanted ones. */
function seenValues() {
  const all = new Map<string, Set<string>>();
  const near = new Map<string, Set<string>>();
  const add = (values: Map<string, Set<string>>, key: string, value: string) => {
    const known = values.get(key);
    if (known === undefined) values.set(key, new Set([value]));
    else known.add(value);
  };
  return {
    /** The keys of entities in names. */
    keys: new Set<string>(),
    add(image: BidsImage, criteria: readonly Criterion[]): void {
      for (const key of image.entities.keys()) this.keys.add(key);
      const failed = criteria.filter((criterion) => !meets(image, criterion));
      for (const { key } of failed) add(all, key, fieldOf(image, key));
      const [only, another] = failed;
      if (only !== undefined && another === undefined) add(near, only.key, fieldOf(image, only.key));
    },
    /** The values that images have which lack only that one; of any image where there are none of those. */
    error(source: FileSource, asked: readonly Criterion[], notes: readonly string[]): VoxplainError {
      const values = [...(near.size > 0 ? near : all)].map(([key, some]) => {
        const listed = [...some].sort().map((value) => (value === "" ? `no ${key}` : value));
        return `${key}: ${listedNames(listed)}`;
      });
      const wanted = asked.length === 0 ? "no image" : `no image with ${filterText(asked)}`;
      return new VoxplainError("not-found", `there is ${wanted}`, {
        file: source.name,
        found: [values.length > 0 ? values.join("; ") : "no NIfTI file", ...notes].join("; "),
        ...(values.length > 0 && { hint: "choose among these values (--bids_filter)" }),
      });
    },
  };
}
