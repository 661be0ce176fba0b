import type { CapsImages, FileEntry, FileSource } from "@voxplain/core";
import { counted } from "../names-in-sentences.ts";
import type { BidsImage } from "./bids-image.ts";
import { readBidsIgnore } from "./bidsignore.ts";
import { type Criterion, checkKeys, filterText, isWanted, parseFilters } from "./filter.ts";
import { ownImage } from "./own-image.ts";
import { seenValues } from "./seen-values.ts";
import { type UnreadableFolder, unusableFolders, walkDataset } from "./walk-dataset.ts";

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
  /** Folders of participants and sessions that filters do not leave out, whose images are not known. */
  readonly unreadable: readonly UnreadableFolder[];
  /** Sentences about what was left out. */
  readonly notes: readonly string[];
}

/** What images are if no filter asks for other extensions. */
const niftis: Criterion = { key: "extension", values: [".nii.gz", ".nii"] };

/**
 * Finds images by filters; without any by the suffix of the model's pipeline. Filters that choose participants or sessions
 * do not count as a choice of the file.
 * @throws VoxplainError `invalid-argument` for a filter that is malformed or has an unknown key; `not-found` with the values
 * that were found where no image matches.
 */
export async function findImages(
  source: FileSource,
  root: readonly FileEntry[],
  { filters, trained }: { readonly filters: readonly string[]; readonly trained: CapsImages | undefined },
): Promise<FoundImages> {
  const search = searchFor(filters, trained);
  const { given, asked, criteria, own } = search;
  const ignores = await readBidsIgnore(source);
  const seen = seenValues();
  const matching: BidsImage[] = [];
  const participants: string[] = [];
  const withSessionsTable: string[] = [];
  const unreadable: UnreadableFolder[] = [];
  const leftOut: LeftOut = { ignored: [], misplaced: [], unnamed: [], unusable: [...unusableFolders(root)] };
  const take = (images: readonly BidsImage[], use: (image: BidsImage) => void) => {
    for (const image of images) {
      if (!isWanted(image, criteria)) continue;
      if (ignores(image.path)) leftOut.ignored.push(image.path);
      else use(image);
    }
  };
  for await (const folder of walkDataset(source, root)) {
    for (const image of folder.images) if (isWanted(image, search.known)) seen.add(image, criteria);
    take(folder.images, (image) => matching.push(image));
    take(folder.misplaced, ({ path }) => leftOut.misplaced.push(path));
    if (!search.concerns(folder.participantId)) continue;
    participants.push(folder.participantId);
    if (folder.hasSessionsTable) withSessionsTable.push(folder.participantId);
    for (const path of folder.unnamed)
      if (/\.nii(\.gz)?$/.test(path) && !ignores(path)) leftOut.unnamed.push(path);
    for (const path of folder.unusable) leftOut.unusable.push(path);
    for (const one of folder.unreadable) if (search.mayHold(one.sessionId)) unreadable.push(one);
  }
  checkKeys(given, seen.keys);
  const notes = notesOf(leftOut);
  const candidates = ofOwnSuffix(matching, given, own?.suffixes);
  if (candidates.length === 0 && unreadable.length === 0) throw seen.error(source, asked, notes);
  return {
    candidates,
    own: own && { entities: own.entities, decides: !search.choosesFile },
    choosesSessions: given.some(({ key }) => key === "ses"),
    wanted: filterText(asked.filter(({ key }) => key !== "sub")),
    participants,
    concerns: search.concerns,
    withSessionsTable,
    unreadable,
    notes,
  };
}

/** What filters and the model's pipeline ask for. */
function searchFor(filters: readonly string[], trained: CapsImages | undefined) {
  const given = parseFilters(filters);
  const own = trained && ownImage(trained);
  const choosesFile = given.some(({ key }) => key !== "sub" && key !== "ses");
  const suffix: readonly Criterion[] = own && !choosesFile ? [{ key: "suffix", values: own.suffixes }] : [];
  const asked = [...given, ...suffix];
  const known = given.some(({ key }) => key === "extension") ? [] : [niftis];
  const chosen = given.find(({ key }) => key === "sub")?.values;
  const sessions = given.find(({ key }) => key === "ses")?.values;
  return {
    ...{ given, asked, own, choosesFile },
    /** What an image has to have in any case. */
    known,
    criteria: [...asked, ...known],
    concerns: (participantId: string) => chosen?.includes(participantId.slice("sub-".length)) ?? true,
    /** Whether images of a session can be meant; the folder of a participant may hold those of any. */
    mayHold: (sessionId: string) =>
      sessionId === "" || (sessions?.includes(sessionId.slice("ses-".length)) ?? true),
  };
}

/** Paths of what was found and is not used. */
interface LeftOut {
  readonly ignored: string[];
  readonly misplaced: string[];
  readonly unnamed: string[];
  readonly unusable: string[];
}

function notesOf({ ignored, misplaced, unnamed, unusable }: LeftOut): readonly string[] {
  return [
    ...counted("images left out by .bidsignore", ignored),
    ...counted(
      "images left out that are named for another participant or session than their folder",
      misplaced,
    ),
    ...counted("images left out that are not named as BIDS has it", unnamed),
    ...counted('folders left out whose names have control characters or "\\"', unusable),
  ];
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
