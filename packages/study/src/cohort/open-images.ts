import {
  type FilePlace,
  type ImageList,
  readBidsFolder,
  readImageTable,
  type Session,
} from "@voxplain/caps-io";
import type { FileSource } from "@voxplain/core";
import { labelOf } from "../model/labels.ts";
import type { Model } from "../model/model.ts";

/** Where a list of images is: a table, or the folder of a BIDS dataset (`below` is empty). */
export interface ImagesPlace extends FilePlace {
  /** The file that a path in the table names. Default: one of the same source, relative to the table. */
  readonly open?: (path: string) => FilePlace;
  /** The dataset that a derivative is in, whose tables it takes where it has none. Default: there is none. */
  readonly enclosing?: () => Promise<FileSource | undefined>;
}

/** What is looked for in a table or a dataset. */
export interface ImagesOptions {
  /** Whose pipeline says which of the images of a dataset is meant, and whose labels are in which column. */
  readonly model?: Pick<Model, "input" | "labels"> | undefined;
  /** The column of the labels, which has to be there. Default: that of the model, else "diagnosis", which may be missing. */
  readonly label?: string | undefined;
  /** "key=value" of BIDS entities, "suffix=T1w": which images of a dataset are meant. Default: those of the model's pipeline. */
  readonly bidsFilter?: readonly string[] | undefined;
}

/**
 * Reads which images there are: a table with the columns `participant_id` and `image`, or a BIDS dataset or derivative.
 * @param from - The table; or the folder.
 * @returns For `openCohort({ list })`. What is wrong with single images is in it, so that a plan reports it with the rest.
 * @throws VoxplainError `not-found` and `invalid-file` for a table or folder that cannot be read; `invalid-argument` for a
 * label column that is not there, a malformed filter, and a CAPS.
 */
export async function openImages(
  from: FileSource | ImagesPlace,
  { model, label, bidsFilter }: ImagesOptions = {},
): Promise<ImageList> {
  const place: ImagesPlace = "source" in from ? from : { source: from, below: "" };
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
