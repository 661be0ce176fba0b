import {
  type CapsImages,
  errorAt,
  type FileEntry,
  type FileSource,
  isVoxplainError,
  VoxplainError,
} from "@voxplain/core";
import type { Session } from "../cohorts/labels.ts";
import { counted } from "../names-in-sentences.ts";
import { notFetched } from "../not-fetched.ts";
import type { SessionFailure } from "../parts/image-input.ts";
import { ahead } from "../read-ahead.ts";
import { absenceOf } from "../tables/find-image-file.ts";
import type { ImageList, ListedImage } from "../tables/image-list.ts";
import { isMissing } from "../tables/missing-value.ts";
import { someColumns } from "../tables/read-table.ts";
import { type BidsImage, type SessionIds, sessionName } from "./bids-image.ts";
import { chooseImages } from "./choose-images.ts";
import { type FoundImages, findImages } from "./find-images.ts";
import { joinTables } from "./join-tables.ts";
import { noDataset } from "./recognize-folder.ts";
import { readSubjectTables, type SubjectTables } from "./subject-tables.ts";
import { isParticipantFolder } from "./walk-dataset.ts";

/** Which images of a dataset are wanted, and what is known about them. */
export interface BidsFolderOptions {
  /**
   * The images that the model was trained on. Without filters their suffix is looked for, and where a session has
   * several such images, their space, desc, res and further entities.
   */
  readonly images?: CapsImages | undefined;
  /**
   * "key=value" with the short or long name of an entity, or suffix, extension or datatype. Several values of a key: any
   * of them. An empty value: images without the entity.
   */
  readonly filters?: readonly string[] | undefined;
  /** The column of the labels; it has to be there. Default: "diagnosis", which may be missing. */
  readonly label?: string | undefined;
  /** The dataset that a derivative is in, whose tables it takes where it has none. Default: there is none. */
  readonly enclosing?: (() => Promise<FileSource | undefined>) | undefined;
}

/** Images that are looked at at once for being fetched. */
const concurrent = 64;

/**
 * The images of a BIDS dataset or derivative, one of each session, with the rows of its tables.
 * @param source - The folder of the dataset.
 * @returns Images in the order of the folders. Sessions with several images that match are among the problems.
 * @throws VoxplainError `invalid-argument` for a filter that is malformed or has an unknown key, a missing label column, and
 * a CAPS; `not-found` for a folder that is not a dataset, and where no image matches.
 */
export async function readBidsFolder(
  source: FileSource,
  { images: trained, filters = [], label, enclosing }: BidsFolderOptions,
): Promise<ImageList> {
  const root = await source.list("");
  if (root === undefined)
    throw new VoxplainError("not-found", "there is no such folder", { file: source.name });
  if (!root.some(isParticipantFolder)) throw await noDataset(source, root);
  const found = await findImages(source, root, { filters, trained });
  const chosen = chooseImages(found.candidates, found.own);
  const tables = await tablesOf(source, root, found, enclosing);
  const joined = joinTables(found, tables);
  // A table that cannot be read may have the column: its problem is reported in place of this one.
  const isComplete = tables.problems.length === 0;
  const column = labelColumn(joined.columns, label, isComplete ? source : undefined);
  const sessionOf = (image: SessionIds): Session => {
    const row = joined.rowOf(image);
    const diagnosis = column === undefined ? "" : (row[column] ?? "");
    return {
      name: sessionName(image),
      participantId: image.participantId,
      sessionId: image.sessionId,
      diagnosis: isMissing(diagnosis) ? "" : diagnosis,
      row,
      cohort: "single",
    };
  };
  const { images, failures } = await fetched(source, chosen.images, sessionOf);
  const unreadable = found.unreadable.map(({ error, ...ids }): SessionFailure => {
    const session = sessionOf(ids);
    return { session, error: errorAt(error, { session: session.name }) };
  });
  return {
    columns: joined.columns,
    images,
    failures: [...failures, ...unreadable],
    problems: [...chosen.problems, ...tables.problems],
    labelsOfProblems: isComplete ? chosen.unsettled.map((image) => sessionOf(image).diagnosis) : "unknown",
    notes: [
      // Nobody knows whether those without a label are wanted.
      ...counted(
        "folders that cannot be read",
        unreadable.filter(({ session }) => session.diagnosis === "").map(({ session }) => session.name),
      ),
      ...found.notes,
      ...tables.notes,
      ...joined.notes,
      ...chosen.notes,
    ],
  };
}

/**
 * The column of the labels, whatever its case is.
 * @param source - For the error where a wanted column is missing; undefined where that is not an error.
 * @throws VoxplainError `invalid-argument`.
 */
function labelColumn(
  columns: readonly string[],
  label: string | undefined,
  source: FileSource | undefined,
): string | undefined {
  const wanted = label ?? "diagnosis";
  if (columns.includes(wanted)) return wanted;
  const alike = columns.filter((column) => column.toLowerCase() === wanted.toLowerCase());
  if (alike.length === 1) return alike[0];
  if (label === undefined || source === undefined) return undefined;
  throw new VoxplainError("invalid-argument", `no table of the dataset has a column "${label}" (--label)`, {
    file: source.name,
    found: someColumns(columns),
  });
}

/** Images whose content is there, with their sessions; those without it are failures. */
async function fetched(
  source: FileSource,
  chosen: readonly BidsImage[],
  sessionOfImage: (image: BidsImage) => Session,
): Promise<Pick<ImageList, "images" | "failures">> {
  const images: ListedImage[] = [];
  const failures: SessionFailure[] = [];
  const check = async (image: BidsImage) => {
    const place = { source, below: image.path };
    const session = sessionOfImage(image);
    // A file that was listed is there: only its content may be elsewhere.
    const error = await problemOf(() => (image.isLink ? absenceOf(place) : notFetched(place)));
    return { place, session, error: error && errorAt(error, { session: session.name }) };
  };
  for await (const { place, session, error } of ahead(chosen, check, concurrent)) {
    if (error === undefined) images.push({ place, session });
    else failures.push({ session, error });
  }
  return { images, failures };
}

/** What `look` finds, or why it could not look. */
async function problemOf(look: () => Promise<VoxplainError | undefined>): Promise<VoxplainError | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!isVoxplainError(error, "io-failure")) throw error;
    return error;
  }
}

/** The tables of a dataset; of a derivative without its own those of the dataset that it is in. */
async function tablesOf(
  source: FileSource,
  root: readonly FileEntry[],
  found: FoundImages,
  enclosing: BidsFolderOptions["enclosing"],
): Promise<SubjectTables & { readonly notes: readonly string[] }> {
  const participants = new Set(found.candidates.map(({ participantId }) => participantId));
  const isOwn = root.some(({ name }) => name === "participants.tsv");
  const outer = isOwn ? undefined : await enclosing?.();
  if (outer === undefined) {
    const withTable = found.withSessionsTable.filter((participant) => participants.has(participant));
    return { ...(await readSubjectTables(source, withTable)), notes: [] };
  }
  const tables = await readSubjectTables(outer, [...participants]);
  return {
    ...tables,
    notes: [`${source.name} has no participants.tsv: the tables of ${outer.name}, which it is in, are used`],
  };
}
