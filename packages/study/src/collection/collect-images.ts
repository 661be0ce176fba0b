import type { FilePlace } from "@voxplain/caps-io";
import { openCohort } from "../cohort/open-cohort.ts";
import type { Model } from "../model/model.ts";
import { collectCapsImages } from "./caps-images.ts";
import type { CollectedImage, CollectedImages, Collection, HeldSessions } from "./collection.ts";

/**
 * The images of a collection that a model can explain: the sessions of its label lists, or all that its CAPS hold, then
 * single files. Of what the model cannot see, there are sentences.
 * @param model - Undefined lists the sessions; which of their images are needed is not known then.
 */
export async function collectImages<File extends FilePlace>(
  { caps, listed, files }: Collection<File>,
  model: Model | undefined,
): Promise<CollectedImages<File>> {
  const ofCaps = await collectCapsImages({ caps, listed }, model);
  const loose = await Promise.all(files.map((file) => looseImage(file, caps)));
  const misfits: string[] = [];
  // Those that do not fit as they are stay in the list: another preprocessing may make them fit.
  for (const { locate } of model?.parts.mode === "image" ? loose.slice(0, mostChecked) : []) {
    const { problem } = model ? await (await locate(model)).grid() : {};
    if (problem !== undefined) misfits.push(problem.message);
  }
  return {
    images: [...ofCaps.images, ...loose],
    absent: ofCaps.absent,
    problems: [...ofCaps.problems, ...misfits],
  };
}

/** The headers of so many single files are read, to say at once what is wrong. */
const mostChecked = 20;

async function looseImage<File extends FilePlace>(
  file: File,
  caps: readonly HeldSessions[],
): Promise<CollectedImage<File>> {
  const cohort = await openCohort({ images: [file], masks: caps.map(({ files }) => files) });
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
