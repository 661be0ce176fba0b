import type { FilePlace } from "@voxplain/caps-io";
import type { FileSource } from "@voxplain/core";
import { openCohort } from "../cohort/open-cohort.ts";
import type { Model } from "../model/model.ts";
import { trueLabelsOf } from "../plan/true-labels.ts";
import { collectCapsImages } from "./caps-images.ts";
import { collectLists } from "./collect-lists.ts";
import type { CollectedImage, CollectedImages, Collection } from "./collection.ts";
import { labelColumns } from "./label-columns.ts";

/**
 * The images of a collection that a model can explain: the sessions of its label lists, or all that its CAPS hold, the
 * images that its tables and BIDS folders name, then single files. Sentences say what the model cannot use.
 * @param model - Undefined lists the sessions; which of their images are needed is not known then.
 */
export async function collectImages<File extends FilePlace>(
  { caps, listed, files, lists = [], bidsFilter }: Collection<File>,
  model: Model | undefined,
): Promise<CollectedImages<File>> {
  const ofCaps = await collectCapsImages({ caps, listed }, model);
  const masks = caps.map(({ files: source }) => source);
  const others = files.map(({ source }) => source);
  const ofLists = await collectLists(lists, model, { bidsFilter, masks, others });
  const isNamed = ({ source, below }: FilePlace) =>
    ofLists.named.some(({ place }) => place.source === source && place.below === below);
  const loose = await Promise.all(
    files.filter((file) => !isNamed(file)).map((file) => looseImage(file, masks)),
  );
  const misfits: string[] = [];
  // Those that do not fit as they are stay in the list: another preprocessing may make them fit.
  for (const { locate } of model?.parts.mode === "image" ? loose.slice(0, mostChecked) : []) {
    const { problem } = model ? await (await locate(model)).grid() : {};
    if (problem !== undefined) misfits.push(problem.message);
  }
  const listedImages = [...ofCaps.images, ...ofLists.images];
  const sessions = listedImages.map(({ session }) => session);
  const labels = model === undefined ? undefined : trueLabelsOf(model, { sessions }, {});
  return {
    images: [...listedImages, ...loose],
    absent: [...ofCaps.absent, ...ofLists.absent],
    labelColumns: labelColumns(sessions),
    problems: [...ofCaps.problems, ...ofLists.problems, ...misfits, ...(labels?.warnings ?? [])],
  };
}

/** The headers of so many single files are read, to say at once what is wrong. */
const mostChecked = 20;

async function looseImage<File extends FilePlace>(
  file: File,
  masks: readonly FileSource[],
): Promise<CollectedImage<File>> {
  const cohort = await openCohort({ images: [file], masks });
  const { sessions } = await cohort.list(undefined);
  const [session] = sessions;
  if (session === undefined) throw new RangeError("a file is a session");
  return {
    ...{ session, file },
    async locate(model) {
      const { found, failures } = await cohort.locate(sessions, model);
      const [located] = found;
      if (located !== undefined) return located;
      throw failures[0]?.error ?? new RangeError("a file is an image, or fails");
    },
  };
}
