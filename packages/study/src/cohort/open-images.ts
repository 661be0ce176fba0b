import {
  type FilePlace,
  type ImageList,
  imageEnding,
  readBidsFolder,
  readImageCohorts,
  readImageTable,
  type Session,
} from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import { labelOf } from "../model/labels.ts";
import type { Model } from "../model/model.ts";
import { withoutOtherKinds } from "./other-kinds.ts";

/** Where a list of images is: a table, or the folder of a BIDS dataset (`below` is empty). */
export interface ImagesPlace extends FilePlace {
  /** The file that a path in the table names. Default: one of the same source, relative to the table. */
  readonly open?: (path: string) => FilePlace;
  /** The dataset that a derivative is in, whose tables it takes where it has none. Default: there is none. */
  readonly enclosing?: () => Promise<FileSource | undefined>;
  /** The table or folder that a path in a table of several cohorts names; needed for such tables alone. */
  readonly openList?: (path: string) => ImagesPlace;
}

/** What is looked for in a table or a dataset. */
export interface ImagesOptions {
  /** Whose pipeline says which of the images of a dataset is meant, and whose labels are in which column. */
  readonly model?: Pick<Model, "input" | "labels"> | undefined;
  /** The column of the labels, which has to be there. Default: that of the model, else "diagnosis", which may be missing. */
  readonly label?: string | undefined;
  /** "key=value" of BIDS entities, "suffix=T1w": which images of a dataset are meant. Default: those of the model's pipeline. */
  readonly bidsFilter?: readonly string[] | undefined;
  /**
   * Whether the table lists several cohorts, with the columns `cohort` and `path`: each path is that of a table or a BIDS
   * folder. Default: false.
   */
  readonly severalCohorts?: boolean | undefined;
}

/**
 * Reads which images there are: a table with the columns `participant_id` and `image`, or a BIDS dataset or derivative; or
 * a table of several cohorts, each of them in a table or folder of its own.
 * @param from - The table; or the folder.
 * @returns For `openCohort({ list })`. What is wrong with single images is in it, so that a plan reports it with the rest.
 * @throws VoxplainError `not-found` and `invalid-file` for a table or folder that cannot be read; `invalid-argument` for a
 * missing label column, a malformed filter, and a CAPS.
 */
export async function openImages(
  from: FileSource | ImagesPlace,
  options: ImagesOptions = {},
): Promise<ImageList> {
  const place: ImagesPlace = "source" in from ? from : { source: from, below: "" };
  const list = options.severalCohorts ? await openCohorts(place, options) : await openList(place, options);
  const trained = imagesOf(options.model);
  if (trained === undefined) return list;
  return withoutOtherKinds(
    list,
    trained,
    options.bidsFilter?.some((one) => one.startsWith("suffix=")) ?? false,
  );
}

async function openCohorts(place: ImagesPlace, options: ImagesOptions): Promise<ImageList> {
  if (place.below === "") {
    throw new VoxplainError("invalid-argument", "it is a folder, and not a table of several cohorts", {
      file: place.source.name,
      expected: "a table with the columns cohort and path (--multi_cohort)",
    });
  }
  let hasFolder = false;
  const list = await readImageCohorts(place, async (path) => {
    const own = place.openList?.(path);
    if (own === undefined) throw new RangeError("a table of several cohorts needs openList");
    hasFolder ||= own.below === "";
    if (imageEnding(own.below) !== undefined) throw isImage(`${own.source.name}/${own.below}`);
    return openList(own, options);
  });
  if (options.bidsFilter === undefined || hasFolder) return list;
  throw new VoxplainError("invalid-argument", "filters need a BIDS folder, and every cohort is a table", {
    file: `${place.source.name}/${place.below}`,
    hint: "leave out the filters (--bids_filter)",
  });
}

function isImage(file: string): VoxplainError {
  return new VoxplainError("invalid-argument", "it is an image, and not a table of images or a BIDS folder", {
    file,
    hint: "list images in a table with the columns participant_id and image, which may have a column cohort (--images)",
  });
}

async function openList(place: ImagesPlace, { model, label, bidsFilter }: ImagesOptions): Promise<ImageList> {
  const list =
    place.below === ""
      ? await readBidsFolder(place.source, {
          images: imagesOf(model),
          ...{ filters: bidsFilter, label, enclosing: place.enclosing },
        })
      : await readImageTable(place, { label, open: place.open });
  const own = model?.labels?.column;
  return label === undefined && own !== undefined && list.columns.includes(own)
    ? withLabels(list, own)
    : list;
}

function imagesOf(model: ImagesOptions["model"]) {
  const preparation = model?.input.preparation;
  return preparation?.kind === "caps" ? preparation.images : undefined;
}

/** The list with the values of a column as the labels of its sessions. */
function withLabels(list: ImageList, column: string): ImageList {
  const labelled = <Of extends { readonly session: Session }>(one: Of): Of => ({
    ...one,
    session: { ...one.session, diagnosis: labelOf(one.session, column) },
  });
  return { ...list, images: list.images.map(labelled), failures: list.failures.map(labelled) };
}
