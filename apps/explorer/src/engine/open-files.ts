import { type FilePath, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import { listSessions } from "@voxplain/study";
import type { JobOptions } from "./engine.ts";
import { readLooseFile } from "./file-image.ts";
import { type ListedSession, readLabelLists, sessionKey } from "./label-lists.ts";
import { listImages } from "./list-images.ts";
import { openFolderModel } from "./model-folder.ts";
import { openOnnxModel } from "./onnx-model.ts";
import { nothingRecognised, type RecognisedFiles, recogniseFiles } from "./recognise-files.ts";
import type { OpenCaps, OpenFile, Workspace } from "./workspace.ts";

/** One look at files that were given together. */
interface Opening {
  readonly files: FileSource;
  readonly found: RecognisedFiles;
  readonly signal: AbortSignal | undefined;
  /** Different for each opening. */
  readonly key: string;
  tell(step: string): void;
  /** Undefined where it failed for a reason that the user can read, which becomes a problem. */
  attempt<T>(work: () => Promise<T>): Promise<T | undefined>;
  readonly problems: string[];
}

/** So many single files are read when they are opened, to say at once what is wrong; the others when their turn comes. */
const mostChecked = 20;

/**
 * What is open after these files were looked at.
 * @throws VoxplainError where nothing of them can be used.
 */
export async function openFiles(
  before: Workspace,
  files: FileSource,
  options: JobOptions,
): Promise<{ readonly next: Workspace; readonly problems: readonly string[] }> {
  const openings = before.openings + 1;
  const opening = await lookAt(files, options, String(openings));
  const { found, problems, tell } = opening;
  const opened = await openModel(opening);
  const caps = await openCapsFolders(opening);
  const lists = await readLabelLists(files, found.labelLists);
  problems.push(...lists.problems);
  const loose = await openLoose(opening);
  if (opened === undefined && caps.length + lists.sessions.length + loose.length === 0) {
    throw problems.length > 0
      ? new VoxplainError("invalid-file", problems.join(". "))
      : nothingRecognised(files, found.others);
  }
  const next = {
    ...{ ...before, openings, opened: opened ?? before.opened },
    caps: [...before.caps, ...caps],
    listed: together(before.listed, lists.sessions),
    loose: [...before.loose, ...loose],
  };
  if (lists.sessions.length > 0 && next.caps.length === 0) {
    problems.push(
      `the label lists name ${lists.sessions.length} sessions, whose images are in a CAPS: open that too`,
    );
  }
  if (next.caps.length > 0) tell("looking for the images of the sessions");
  const listing = await listImages(next);
  const isKnown = (problem: string) => opened === undefined && before.problems.includes(problem);
  return {
    next: { ...next, ...listing },
    problems: [...problems, ...listing.problems.filter((problem) => !isKnown(problem))],
  };
}

async function lookAt(files: FileSource, { signal, onProgress }: JobOptions, key: string): Promise<Opening> {
  const tell = (step: string) => {
    signal?.throwIfAborted();
    onProgress?.({ step, fraction: undefined, secondsLeft: undefined });
  };
  tell(`looking at ${files.name}`);
  const found = await recogniseFiles(files, { signal });
  const problems = [...found.problems];
  return {
    ...{ files, found, signal, key, tell, problems },
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
async function openModel({ files, found, signal, tell, attempt, problems }: Opening) {
  const models = [...found.modelFolders, ...found.onnxFiles];
  for (const [k, path] of models.entries()) {
    tell(`opening ${path === "" ? files.name : path}`);
    const isFile = k >= found.modelFolders.length;
    const opening = await attempt(() =>
      isFile ? openOnnxModel(files, path) : openFolderModel(below(files, path), signal),
    );
    if (opening === undefined) continue;
    const others = models.slice(k + 1);
    problems.push(...opening.problems);
    if (others.length > 0) problems.push(leftOut(opening.opened.description.name, others));
    return opening.opened;
  }
  return undefined;
}

async function openCapsFolders({ files, found, signal, tell, problems }: Opening): Promise<OpenCaps[]> {
  const opened: OpenCaps[] = [];
  for (const path of found.capsFolders) {
    tell(`listing ${path === "" ? files.name : path}`);
    const caps = below(files, path);
    const sessions = await listSessions(caps, { signal });
    if (sessions.length > 0) opened.push({ files: caps, sessions });
    else {
      problems.push(
        `${caps.name} has a folder subjects, but no participant with a session (sub-…/ses-…) in it`,
      );
    }
  }
  return opened;
}

async function openLoose({ files, found, key, tell, attempt }: Opening): Promise<OpenFile[]> {
  const opened: OpenFile[] = [];
  for (const [k, path] of found.images.entries()) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const image = { id: `file:${key}:${path}`, name, trueClass: undefined };
    if (k >= mostChecked) {
      opened.push({ files, path, image });
      continue;
    }
    tell(`reading ${path}`);
    const read = await attempt(() => readLooseFile({ files, path }));
    if (read === undefined) continue;
    const { values, ...known } = read;
    opened.push({ files, path, image, header: { ...known, dims: values.dims } });
  }
  return opened;
}

/** Each session once; what a later list says of it counts. */
function together(before: readonly ListedSession[], more: readonly ListedSession[]): ListedSession[] {
  const sessions = new Map(before.map((one) => [sessionKey(one.session), one]));
  for (const one of more) sessions.set(sessionKey(one.session), one);
  return [...sessions.values()];
}

function leftOut(chosen: string, others: readonly FilePath[]): string {
  const [verb, names] = [others.length === 1 ? "was" : "were", others.join(", ")];
  return `${chosen} was opened; one model at a time: ${names} ${verb} left out`;
}

/** A folder of other files, as a source of its own. */
function below(files: FileSource, folder: FilePath): FileSource {
  if (folder === "") return files;
  const inside = (path: FilePath) => (path === "" ? folder : `${folder}/${path}`);
  return {
    name: `${files.name}/${folder}`,
    list: (path) => files.list(inside(path)),
    open: (path) => files.open(inside(path)),
  };
}
