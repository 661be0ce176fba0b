import { type FilePath, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import {
  chosenSessions,
  locateCapsImages,
  type OpenCaps,
  openCaps,
  preprocessingsOf,
  unlocatedImages,
} from "./caps-images.ts";
import type { ExplorerImage, JobOptions } from "./engine.ts";
import { type ListedSession, readLabelLists, sessionKey } from "./label-lists.ts";
import { fitLooseImage, type LooseImage, misfitOf, readLooseImage } from "./loose-images.ts";
import { readLoosePart } from "./loose-parts.ts";
import { openFolderModel } from "./model-folder.ts";
import { openOnnxModel } from "./onnx-model.ts";
import type { ModelOpening, OpenModel } from "./open-model.ts";
import type { ImageEntry } from "./prepared-image.ts";
import { below, nothingRecognised, recogniseFiles } from "./recognise-files.ts";

/** Everything that was opened so far. */
export interface OpenedState {
  readonly opened: { readonly model: OpenModel; readonly key: string } | undefined;
  readonly caps: readonly OpenCaps[];
  readonly listed: readonly ListedSession[];
  readonly loose: readonly OpenedFile[];
  /** Of the CAPS and the single files, as far as the model can see them. */
  readonly images: readonly ImageEntry[];
}

/** A single file, which another model may take where this one does not. */
interface OpenedFile extends LooseImage {
  readonly image: ExplorerImage;
  /** Where it was read already. */
  readonly dims?: readonly number[];
}

export const startingState: OpenedState = { opened: undefined, caps: [], listed: [], loose: [], images: [] };

/** So many single files are read when they are opened, to say at once what is wrong; the others when their turn comes. */
const mostChecked = 20;

let openings = 0;

/**
 * What is open after these files were looked at.
 * @throws VoxplainError where nothing of them can be used.
 */
export async function openFiles(
  state: OpenedState,
  files: FileSource,
  { signal, onProgress }: JobOptions,
): Promise<{ readonly next: OpenedState; readonly problems: readonly string[] }> {
  const tell = (step: string) => {
    signal?.throwIfAborted();
    onProgress?.({ step, fraction: undefined, secondsLeft: undefined });
  };
  tell(`looking at ${files.name}`);
  const opening = ++openings;
  const found = await recogniseFiles(files, { signal });
  const problems = [...found.problems];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };

  let opened = state.opened;
  const models = [...found.modelFolders, ...found.onnxFiles];
  for (const [k, path] of models.entries()) {
    tell(`opening ${path === "" ? files.name : path}`);
    const model: ModelOpening | undefined = await attempt(() =>
      k < found.modelFolders.length
        ? openFolderModel(below(files, path), signal)
        : openOnnxModel(files, path),
    );
    if (model === undefined) continue;
    problems.push(...model.problems);
    opened = { model: model.model, key: `model ${opening}` };
    const others = models.slice(k + 1);
    if (others.length > 0) problems.push(leftOut(model.model.description.name, others));
    break;
  }

  const caps = [...state.caps];
  for (const path of found.capsFolders) {
    tell(`listing ${path === "" ? files.name : path}`);
    const one = await openCaps(below(files, path), signal);
    if (one.sessions.length === 0) {
      problems.push(
        `${one.files.name} has a folder subjects, but no participant with a session (sub-…/ses-…) in it`,
      );
    } else caps.push(one);
  }
  const lists = await readLabelLists(files, found.labelLists);
  problems.push(...lists.problems);
  const listed = new Map(state.listed.map((one) => [sessionKey(one.session), one]));
  for (const one of lists.sessions) listed.set(sessionKey(one.session), one);

  if (lists.sessions.length > 0 && caps.length === 0) {
    problems.push(
      `the label lists name ${lists.sessions.length} sessions, whose images are in a CAPS: open that too`,
    );
  }

  const loose = [...state.loose];
  for (const [k, path] of found.images.entries()) {
    let dims: readonly number[] | undefined;
    if (k < mostChecked) {
      tell(`reading ${path}`);
      const image = await attempt(() => readLooseImage({ files, path }));
      if (image === undefined) continue;
      dims = image.values.dims;
    }
    const name = path.slice(path.lastIndexOf("/") + 1);
    const image = { id: `file:${opening}:${path}`, name, trueClass: undefined };
    loose.push({ files, path, image, ...(dims && { dims }) });
  }

  const isNew = {
    model: opened !== state.opened,
    sessions: caps.length > state.caps.length || lists.sessions.length > 0,
    images: loose.length > state.loose.length,
  };
  if (!isNew.model && !isNew.sessions && !isNew.images) {
    throw problems.length > 0
      ? new VoxplainError("invalid-file", problems.join(". "))
      : nothingRecognised(files, found.others);
  }
  const next = { opened, caps, listed: [...listed.values()], loose };
  if (next.caps.length > 0) tell("looking for the images of the sessions");
  const listing = await listImages(next);
  return { next: { ...next, images: listing.images }, problems: [...problems, ...listing.problems] };
}

async function listImages(state: Omit<OpenedState, "images">): Promise<{
  readonly images: readonly ImageEntry[];
  readonly problems: readonly string[];
}> {
  const { opened, loose } = state;
  const misfits: string[] = [];
  const single = loose.flatMap((file): ImageEntry[] => {
    const { dims, image } = file;
    const shape = opened?.model.inputShape;
    const misfit = dims && shape && misfitOf(dims, image.name, shape);
    if (misfit) {
      misfits.push(misfit.message);
      return [];
    }
    return [{ image, prepare: () => prepareLoose(file, state) }];
  });
  const ofCaps = await capsImages(state);
  return { images: [...ofCaps.images, ...single], problems: [...ofCaps.problems, ...misfits] };
}

async function prepareLoose(file: OpenedFile, { opened, caps }: Omit<OpenedState, "images">) {
  if (opened === undefined) throw noModel();
  const { model } = opened;
  const { name } = file.image;
  if (model.inputShape !== undefined)
    return fitLooseImage(await readLooseImage(file), name, model.inputShape);
  const { preprocessing, settings, normalize } = model;
  if (preprocessing === undefined) throw new RangeError("a network of parts knows how they are made");
  return readLoosePart(file, name, { preprocessing, settings, normalize }, caps);
}

async function capsImages({ opened, caps, listed }: Omit<OpenedState, "images">) {
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
  { inputShape, settings, normalize, description }: OpenModel,
  caps: readonly OpenCaps[],
  listed: readonly ListedSession[],
) {
  const { sessions } = chosenSessions(caps, listed);
  const problems: string[] = [];
  for (const preprocessing of await preprocessingsOf(caps, sessions)) {
    const located = await locateCapsImages(caps, listed, { preprocessing, settings, normalize });
    const dims = (await located.images[0]?.prepare())?.parts[0]?.input.dims ?? [];
    const lengths = inputShape?.lengths ?? [];
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

function leftOut(chosen: string, others: readonly FilePath[]): string {
  return `${chosen} was opened; one model at a time: ${others.join(", ")} ${others.length === 1 ? "was" : "were"} left out`;
}

function noModel(): VoxplainError {
  return new VoxplainError(
    "not-found",
    "there is no model: open a ClinicaDL model folder or an ONNX file first",
  );
}
