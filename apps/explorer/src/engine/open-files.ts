import { type ImageFile, readImageFile, type Session } from "@voxplain/caps-io";
import { type FilePath, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import {
  folderIn,
  type HeldSessions,
  type ImagesPlace,
  nothingRecognized,
  openCapsFolder,
  type RecognizedFiles,
  readLabelLists,
  recognizeFiles,
  sessionKey,
} from "@voxplain/study";
import type { JobOptions, Opened, UnderstoodFiles } from "./engine.ts";
import { listImages } from "./list-images.ts";
import { openFolderModel } from "./model-folder.ts";
import { openOnnxFile } from "./onnx-model.ts";
import type { OpenedModel } from "./opened-model.ts";
import type { OpenFile, Workspace } from "./workspace.ts";

/** One look at files that were given together. */
interface Opening {
  readonly files: FileSource;
  readonly found: RecognizedFiles;
  readonly signal: AbortSignal | undefined;
  /** Different for each opening. */
  readonly key: string;
  /** Reports what is being done, as progress. */
  report(step: string): void;
  /** Undefined where it failed for a reason that the user can read, which becomes a problem. */
  attempt<T>(work: () => Promise<T>): Promise<T | undefined>;
  readonly problems: string[];
}

/** What is open now, and what the files were. */
interface OpenedFiles extends Pick<Opened, "problems" | "understood" | "others"> {
  readonly next: Workspace;
}

/**
 * What is open after these files were looked at.
 * @throws VoxplainError where nothing of them can be used.
 */
export async function openFiles(
  before: Workspace,
  files: FileSource,
  options: JobOptions,
): Promise<OpenedFiles> {
  const openings = before.openings + 1;
  const opening = await lookAt(files, options, String(openings));
  const { problems, report } = opening;
  const opened = await openModel(opening);
  const caps = await openCapsFolders(opening);
  const lists = await readLabelLists(files, opening.found.labelLists);
  problems.push(...lists.problems);
  const loose = await openLoose(opening);
  const images = listsOf(opening);
  const found = [caps, lists.sessions, loose, images].some(({ length }) => length > 0);
  if (opened === undefined && !found) {
    throw problems.length > 0
      ? new VoxplainError("invalid-file", problems.join(". "))
      : nothingRecognized(files, opening.found.others);
  }
  const next = {
    ...{ ...before, openings, opened: opened ?? before.opened },
    caps: [...before.caps, ...caps],
    listed: together(before.listed, lists.sessions),
    lists: [...before.lists, ...images],
    loose: [...before.loose, ...loose],
  };
  if (lists.sessions.length > 0 && next.caps.length === 0) {
    problems.push(
      `the label lists name ${lists.sessions.length} sessions, whose images are in a CAPS: open that too`,
    );
  }
  if (next.caps.length + next.lists.length > 0) report("looking for the images of the sessions");
  const listing = await listImages(next);
  const isKnown = (problem: string) => opened === undefined && before.problems.includes(problem);
  return {
    next: { ...next, ...listing },
    problems: [...problems, ...listing.problems.filter((problem) => !isKnown(problem))],
    understood: understoodOf(opening.found, { opened, caps, sessions: lists.sessions.length, loose }),
    others: opening.found.others.filter(
      (path) => opened?.description.kind !== "onnx" || !isWeights.test(path),
    ),
  };
}

/** Weights of an ONNX file that are in a file of their own. */
const isWeights = /\.(onnx[._])?data$/i;

/** What the files were taken for, in the order in which a person looks for it. */
function understoodOf(
  { labelLists, imageTables, bidsFolders }: RecognizedFiles,
  found: {
    readonly opened: OpenedModel | undefined;
    readonly caps: readonly HeldSessions[];
    readonly sessions: number;
    readonly loose: readonly OpenFile[];
  },
): UnderstoodFiles[] {
  const { opened, caps, sessions, loose } = found;
  return [
    { as: "model", paths: opened ? [opened.description.name] : [] },
    ...caps.map(({ files, sessions: held }) => {
      return { as: `CAPS folder, sessions: ${held.length}`, paths: [files.name] };
    }),
    { as: `label lists, sessions: ${sessions}`, paths: sessions > 0 ? labelLists : [] },
    { as: "tables of images", paths: imageTables },
    { as: "BIDS folders", paths: bidsFolders.map((path) => path || "the folder itself") },
    { as: `images: ${loose.length}`, paths: loose.map(({ below }) => below) },
  ].filter(({ paths }) => paths.length > 0);
}

async function lookAt(files: FileSource, { signal, onProgress }: JobOptions, key: string): Promise<Opening> {
  const report = (step: string) => {
    signal?.throwIfAborted();
    onProgress?.({ step, fraction: undefined, secondsLeft: undefined });
  };
  report(`looking at ${files.name}`);
  const found = await recognizeFiles(files, { signal });
  const problems = [...found.problems];
  return {
    ...{ files, found, signal, key, report, problems },
    async attempt(work) {
      try {
        return await work();
      } catch (error) {
        if (!isVoxplainError(error)) throw error;
        problems.push(error.message);
        return undefined;
      }
    },
  };
}

/** The first model that can be opened: folders before files. */
async function openModel({ files, found, signal, report, attempt, problems }: Opening) {
  const models = [...found.modelFolders, ...found.onnxFiles];
  for (const [k, path] of models.entries()) {
    report(`opening ${path === "" ? files.name : path}`);
    const isFile = k >= found.modelFolders.length;
    const opening = await attempt(() =>
      isFile ? openOnnxFile(files, path) : openFolderModel(folderIn(files, path), signal),
    );
    if (opening === undefined) continue;
    const others = models.slice(k + 1);
    problems.push(...opening.problems);
    if (others.length > 0) problems.push(leftOut(opening.opened.description.name, others));
    return opening.opened;
  }
  return undefined;
}

async function openCapsFolders({ files, found, signal, report, attempt }: Opening): Promise<HeldSessions[]> {
  const opened: (HeldSessions | undefined)[] = [];
  for (const path of found.capsFolders) {
    report(`listing ${path === "" ? files.name : path}`);
    opened.push(await attempt(() => openCapsFolder(files, path, { signal })));
  }
  return opened.filter((caps) => caps !== undefined);
}

/** Tables of images and BIDS folders, which are read for a model. */
function listsOf({ files, found }: Opening): ImagesPlace[] {
  const folders = found.bidsFolders.map((path) => ({ source: folderIn(files, path), below: "" }));
  return [...found.imageTables.map((below) => ({ source: files, below })), ...folders];
}

/** An image of 512 voxels along each axis in float32 takes half of it; a page has not much more memory. */
const largestFile = 2 ** 30;

/** @throws VoxplainError naming the file when it is damaged, or too large for a page. */
async function readLooseFile(files: FileSource, path: FilePath): Promise<ImageFile> {
  const size = (await files.open(path))?.byteLength ?? 0;
  if (size <= largestFile) return readImageFile(files, path);
  throw new VoxplainError("unsupported", `it has ${Math.round(size / 1e6)} MB: it is not a single image`, {
    file: `${files.name}/${path}`,
  });
}

async function openLoose({ files, found, key, report, attempt }: Opening): Promise<OpenFile[]> {
  const opened: OpenFile[] = [];
  for (const [k, path] of found.images.entries()) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const image = { id: `file:${key}:${path}`, name, trueClass: undefined };
    if (k < mostChecked) {
      report(`reading ${path}`);
      const read = await attempt(() => readLooseFile(files, path));
      if (read === undefined) continue;
    }
    opened.push({ source: files, below: path, image });
  }
  return opened;
}

/** So many single files are read when they are opened, to say at once what is wrong. */
const mostChecked = 20;

/** Each session once; what a later list says of it counts. */
function together(before: readonly Session[], more: readonly Session[]): Session[] {
  const sessions = new Map(before.map((one) => [sessionKey(one), one]));
  for (const one of more) sessions.set(sessionKey(one), one);
  return [...sessions.values()];
}

function leftOut(chosen: string, others: readonly FilePath[]): string {
  const [verb, names] = [others.length === 1 ? "was" : "were", others.join(", ")];
  return `${chosen} was opened; one model at a time: ${names} ${verb} left out`;
}
