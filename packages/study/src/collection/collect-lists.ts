import type { ImageGrid, ImageList, LocatedImage, Session, SessionFailure } from "@voxplain/caps-io";
import { elementAt, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import { openCohort } from "../cohort/open-cohort.ts";
import { type ImagesPlace, openImages } from "../cohort/open-images.ts";
import type { Model } from "../model/model.ts";
import { checkGrids } from "../plan/check-grids.ts";
import { onExpectedGrid } from "../plan/expected-grid.ts";
import { failuresByKind } from "../plan/failures-by-kind.ts";
import type { CollectedImage, FoundImages } from "./collection.ts";
import { fileFinder } from "./file-finder.ts";

/** The images that tables and BIDS folders name. */
interface ListedImages extends FoundImages<never> {
  /** The images of every list that could be read, whether they can be used or not. */
  readonly named: ImageList["images"];
}

interface ListOptions {
  /** Which images of BIDS folders are meant. */
  readonly bidsFilter: readonly string[] | undefined;
  /** CAPS with the masks of regions. */
  readonly masks: readonly FileSource[];
  /** Files that were given apart from the tables. */
  readonly others: readonly FileSource[];
}

/**
 * The images that tables and BIDS folders name, for a model where one is open. A session that several of them have is taken
 * from the last.
 */
export async function collectLists(
  places: readonly ImagesPlace[],
  model: Model | undefined,
  options: ListOptions,
): Promise<ListedImages> {
  const named: ImageList["images"][number][] = [];
  const problems: string[] = [];
  const images = new Map<string, CollectedImage<never>>();
  const absent = new Map<string, SessionFailure>();
  for (const place of places) {
    try {
      const list = await readList(place, model, options);
      const { bidsFilter = [] } = options;
      if (model === undefined && place.below === "" && bidsFilter.length === 0 && list.problems.length > 0) {
        problems.push(
          `which images of ${place.source.name} are meant is known when a model is open, or a filter chooses them`,
        );
        continue;
      }
      for (const image of list.images) named.push(image);
      const found = await imagesOf(list, model, options.masks);
      for (const image of found.images) images.set(keyOf(image.session), image);
      for (const failure of found.absent) absent.set(keyOf(failure.session), failure);
      for (const problem of [...list.notes, ...found.problems]) problems.push(problem);
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      for (const { message } of error.problems ?? [error]) problems.push(message);
    }
  }
  return {
    named,
    images: [...images.values()],
    absent: [...absent.values()].filter(({ session }) => !images.has(keyOf(session))),
    problems,
  };
}

/** Participants of different cohorts are different people. */
function keyOf({ cohort, name }: Session): string {
  return JSON.stringify([cohort, name]);
}

/** A file that several paths of a table may mean is the image of none of them. */
async function readList(
  place: ImagesPlace,
  model: Model | undefined,
  { bidsFilter, others }: ListOptions,
): Promise<ImageList> {
  if (place.below === "") return openImages(place, { model, bidsFilter });
  const finder = await fileFinder(place, others);
  const list = await openImages({ ...place, open: finder.open }, { model });
  const doubtful = list.images.filter((image) => finder.isAmbiguous(image.place));
  if (doubtful.length === 0) return list;
  const refused = doubtful.map(({ session, place: { source, below } }) => {
    const problem = "several paths of the table end in this file, and none of them is beside the table";
    const hint = "open the folder that the table and the images are in";
    const file = `${source.name}/${below}`;
    return { session, error: new VoxplainError("mismatch", problem, { session: session.name, file, hint }) };
  });
  const images = list.images.filter((image) => !doubtful.includes(image));
  return { ...list, images, failures: [...list.failures, ...refused] };
}

async function imagesOf(
  list: ImageList,
  model: Model | undefined,
  masks: readonly FileSource[],
): Promise<FoundImages<never>> {
  const { images, absent, misfits = [], unchecked = [] } = await located(list, model, masks);
  const count = list.images.length + list.failures.length;
  const ofSessions = failuresByKind([...absent, ...misfits], count);
  return {
    // What is wrong with the list itself leaves none of its images sure.
    images: list.problems.length > 0 ? [] : images,
    absent,
    problems: [...[...list.problems, ...ofSessions].map(({ message }) => message), ...unchecked],
  };
}

interface LocatedImages extends Omit<FoundImages<never>, "problems"> {
  /** Images that do not fit as they are. */
  readonly misfits?: readonly SessionFailure[];
  /** Sentences about what headers do not show. */
  readonly unchecked?: readonly string[];
}

async function located(
  list: ImageList,
  model: Model | undefined,
  masks: readonly FileSource[],
): Promise<LocatedImages> {
  if (model === undefined) {
    const images = list.images.map(({ session }) => ({ session, locate: needsModel }));
    return { images, absent: list.failures };
  }
  const cohort = await openCohort({ list, masks });
  const { sessions } = await cohort.list(undefined);
  const { found, failures } = await cohort.locate(sessions, model);
  const [network] = model.networks;
  const fileOf = (index: number) => cohort.fileOf?.(elementAt(found, index).session);
  const unchecked: string[] = [];
  const warn = (warning: string) => unchecked.push(warning);
  const onGrid = (grids: readonly ImageGrid[]) => onExpectedGrid(model, network, grids, { fileOf, warn });
  const { images, refused } = await checkGrids(found, { result: "predictions", onGrid });
  if (model.input.preparation.kind === "caps") {
    return { images: images.map(collected), absent: [...failures, ...refused], unchecked };
  }
  // Another preprocessing may make those fit that do not fit as they are.
  return { images: found.map(collected), absent: failures, misfits: refused };
}

function collected(image: LocatedImage): CollectedImage<never> {
  return { session: image.session, locate: async () => image };
}

/** Before a model is open it is unknown what it will need of an image. */
async function needsModel(): Promise<never> {
  throw new RangeError("images are located for the model that they were collected for");
}
