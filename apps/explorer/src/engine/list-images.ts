import { type ImageGrid, readImageGrid, readSessionGrids } from "@voxplain/caps-io";
import {
  type CapsNeeds,
  chosenSessions,
  locateCapsImages,
  type OpenCaps,
  preprocessingsOf,
  readCapsImage,
  unlocatedImages,
} from "./caps-images.ts";
import type { ListedSession } from "./label-lists.ts";
import { fitLooseImage, misfitOf, readLooseImage } from "./loose-images.ts";
import { locateLoosePart } from "./loose-parts.ts";
import type { OpenModel } from "./open-model.ts";
import { noModel, type OpenedFile, type OpenedFiles } from "./opened-state.ts";
import type { ImageEntry } from "./prepared-image.ts";

/** What the model, where one is open, can see of the images that are open; of the others, sentences. */
export async function listImages(state: OpenedFiles): Promise<{
  readonly images: readonly ImageEntry[];
  readonly problems: readonly string[];
}> {
  const { opened, loose } = state;
  const misfits: string[] = [];
  const single = loose.map((file): ImageEntry => {
    const { shape, image } = file;
    // It stays in the list: another preprocessing may make it fit.
    const misfit = shape && opened && misfitOf(shape, opened.model);
    if (misfit) misfits.push(misfit.message);
    return {
      image,
      prepare: (asked) => prepareLoose(file, state, asked),
      grid: () => gridOfLoose(file, state),
    };
  });
  const ofCaps = await capsImages(state);
  return { images: [...ofCaps.images, ...single], problems: [...ofCaps.problems, ...misfits] };
}

async function prepareLoose(
  file: OpenedFile,
  { opened, caps }: OpenedFiles,
  asked: readonly string[] | undefined,
) {
  if (opened === undefined) throw noModel();
  const { model } = opened;
  const { name } = file.image;
  if (model.inputSpec !== undefined) {
    const steps = model.stepsFor(asked);
    return fitLooseImage(await readLooseImage(file), model.inputSpec, steps);
  }
  const needs = needsOf(model);
  return readCapsImage(await locateLoosePart(file, name, needs, caps), needs);
}

async function gridOfLoose(file: OpenedFile, { opened, caps }: OpenedFiles): Promise<ImageGrid> {
  const { name } = file.image;
  if (opened === undefined || opened.model.inputSpec !== undefined) {
    const grid = await readImageGrid(file.files, file.path);
    const isPicture = opened?.model.inputSpec?.lengths.length === 3;
    return isPicture ? { name } : { ...grid, name };
  }
  const [grid] = await readSessionGrids([await locateLoosePart(file, name, needsOf(opened.model), caps)]);
  return { ...grid!, name };
}

function needsOf({ preprocessing, settings, normalize }: OpenModel): CapsNeeds {
  if (preprocessing === undefined) throw new RangeError("a network of parts knows how they are made");
  return { preprocessing, settings, normalize };
}

async function capsImages({ opened, caps, listed }: OpenedFiles) {
  if (caps.length === 0) return { images: [], problems: [] };
  if (opened === undefined) {
    const refuse = () => {
      throw noModel();
    };
    return { images: unlocatedImages(caps, listed, refuse), problems: [] };
  }
  const { settings, normalize, preprocessing } = opened.model;
  if (preprocessing !== undefined)
    return locateCapsImages(caps, listed, { preprocessing, settings, normalize });
  return fittingImages(opened.model, caps, listed);
}

/** For a network that says nothing of the preprocessing: the images whose shape it takes. */
async function fittingImages(
  { inputSpec, settings, normalize, description }: OpenModel,
  caps: readonly OpenCaps[],
  listed: readonly ListedSession[],
) {
  const { sessions } = chosenSessions(caps, listed);
  const problems: string[] = [];
  for (const preprocessing of await preprocessingsOf(caps, sessions)) {
    const located = await locateCapsImages(caps, listed, { preprocessing, settings, normalize });
    const dims = (await located.images[0]?.prepare(undefined))?.parts[0]?.input.dims ?? [];
    const lengths = inputSpec?.lengths ?? [];
    const fits = dims.length === lengths.length && dims.every((n, axis) => (lengths[axis] ?? n) === n);
    if (fits) return located;
    problems.push(
      `the ${preprocessing} images have the shape [${dims.join(", ")}], but ${description.name} takes ` +
        `[${lengths.map((length) => length ?? "?").join(", ")}]`,
    );
  }
  if (problems.length === 0) problems.push("the CAPS has no prepared image of its first sessions");
  return { images: [], problems };
}
