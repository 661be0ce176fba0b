import { imagePaths, type LocatedImage, locateSessions, type Session } from "@voxplain/caps-io";
import { type FileSource, isVoxplainError, type Preprocessing, preprocessings } from "@voxplain/core";
import { type Model, openCohort } from "@voxplain/study";
import { type ListedSession, sessionKey } from "./label-lists.ts";
import { noModel } from "./opened-model.ts";
import type { ImageEntry, OpenCaps, OpenFile, Workspace } from "./workspace.ts";

/** The images that are open, for the model where one is; of what it cannot see, sentences. */
export type ImageList = Pick<Workspace, "images" | "problems">;

type Listed = Pick<Workspace, "opened" | "caps" | "listed" | "loose">;

/** Lists the images of the CAPS, then single files. */
export async function listImages(open: Listed): Promise<ImageList> {
  const ofCaps = await capsImages(open);
  const loose = open.loose.map((file) => looseEntry(file, open.caps));
  const model = await open.opened?.model(undefined);
  const misfits: string[] = [];
  // Those that do not fit as they are stay in the list: another preprocessing may make them fit.
  for (const { locate } of model?.parts.mode === "image" ? loose.slice(0, mostChecked) : []) {
    const { problem } = model ? await (await locate(model)).grid() : {};
    if (problem !== undefined) misfits.push(problem.message);
  }
  return { images: [...ofCaps.images, ...loose], problems: [...ofCaps.problems, ...misfits] };
}

/** So many single files are looked at when they are opened, to say at once what is wrong. */
export const mostChecked = 20;

function looseEntry(file: OpenFile, caps: readonly OpenCaps[]): ImageEntry {
  return {
    image: file.image,
    async locate(model) {
      const cohort = await openCohort({ images: [file], masks: caps.map(({ files }) => files) });
      const { sessions } = await cohort.list(undefined);
      const { found, failures } = await cohort.locate(sessions, model);
      const [located] = found;
      if (located !== undefined) return located;
      throw failures[0]?.error ?? new RangeError("a file is an image, or fails");
    },
  };
}

/** Sessions to look at: those of the label lists where there are some, else all that the CAPS hold. */
async function capsImages({ opened, caps, listed }: Listed): Promise<ImageList> {
  if (caps.length === 0) return { images: [], problems: [] };
  const held = new Map(caps.flatMap(({ sessions }) => sessions.map((one) => [sessionKey(one), one])));
  const isHeld = ({ session }: ListedSession) => held.has(sessionKey(session));
  const chosen: readonly ListedSession[] =
    listed.length === 0
      ? [...held.values()].map((session) => ({ session, diagnosis: undefined }))
      : listed.filter(isHeld);
  const absent = listed.filter((one) => !isHeld(one)).map(({ session }) => sessionKey(session));
  const problems =
    absent.length === 0
      ? []
      : [
          `${counted(absent.length, "session")} of the label lists ${absent.length === 1 ? "is" : "are"} not in ` +
            `${namesOf(caps)}: ${some(absent)}`,
        ];
  const model = await opened?.model(undefined);
  const found = model === undefined ? withoutModel(chosen) : await withModel(model, caps, chosen);
  return { images: found.images, problems: [...problems, ...found.problems] };
}

/** Before a model is open nobody knows which of its images a session will need. */
function withoutModel(chosen: readonly ListedSession[]): ImageList {
  const refuse = async () => {
    throw noModel();
  };
  return { images: chosen.map((one) => entryOf(one, refuse)), problems: [] };
}

async function withModel(
  model: Model,
  caps: readonly OpenCaps[],
  chosen: readonly ListedSession[],
): Promise<ImageList> {
  const capsOf = capsOfSessions(caps);
  const { preparation } = model.input;
  const sessions = chosen.map(({ session }) => session);
  if (preparation.kind !== "caps") return fitting(model, capsOf, chosen);
  try {
    const options = { preprocessing: preparation.preprocessing, settings: model.parts, capsOf };
    const { found, failures } = await locateSessions(sessions, options);
    const entries = entriesOf(chosen, found, (located) => async () => located);
    const [first, ...others] = failures.map(({ error }) => error.message);
    if (first === undefined) return { images: entries, problems: [] };
    if (found.length === 0) {
      const other = await otherPreprocessing(preparation.preprocessing, caps, sessions);
      return { images: [], problems: [other ?? first] };
    }
    const more = failures.slice(1).map(({ session }) => sessionKey(session));
    const also = others.length > 0 ? `; the others: ${some(more)}` : "";
    const problem = `${counted(failures.length, "session")} cannot be explained: ${first}${also}`;
    return { images: entries, problems: [problem] };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return { images: [], problems: [error.message] };
  }
}

/** For a network that says nothing of the preprocessing: the images whose shape it takes, else the first that there are. */
async function fitting(
  model: Model,
  capsOf: (session: Session) => FileSource,
  chosen: readonly ListedSession[],
): Promise<ImageList> {
  const sessions = chosen.map(({ session }) => session);
  const lists: ImageList[] = [];
  for (const preprocessing of await preprocessingsOf(capsOf, sessions)) {
    const images = chosen.map((one) =>
      entryOf(one, (used) => storedImage(one.session, capsOf(one.session), preprocessing, used)),
    );
    const { problem } = (await (await images[0]?.locate(model))?.grid()) ?? {};
    if (problem === undefined) return { images, problems: [] };
    lists.push({ images, problems: [problem.message] });
  }
  const problem = "the CAPS has no prepared image of its first sessions";
  return lists[0] ?? { images: [], problems: [problem] };
}

/** The image of a session as a file of its own: the NIfTI, which has a position, else the tensor. */
async function storedImage(
  session: Session,
  caps: FileSource,
  preprocessing: Preprocessing,
  model: Model,
): Promise<LocatedImage> {
  const { nifti, tensor } = imagePaths(preprocessing, session.participantId, session.sessionId);
  const isThere = nifti !== undefined && (await caps.open(nifti)) !== undefined;
  const image = { source: caps, below: isThere ? nifti : tensor };
  const cohort = await openCohort({ images: [image] });
  const { sessions } = await cohort.list(undefined);
  const [located] = (await cohort.locate(sessions, model)).found;
  if (located === undefined) throw new RangeError("a file is an image");
  return { ...located, session, read: async (options) => ({ ...(await located.read(options)), session }) };
}

function entriesOf(
  chosen: readonly ListedSession[],
  found: readonly LocatedImage[],
  locateWith: (located: LocatedImage) => ImageEntry["locate"],
): readonly ImageEntry[] {
  const bySession = new Map(found.map((located) => [located.session, located]));
  return chosen.flatMap((one) => {
    const located = bySession.get(one.session);
    return located === undefined ? [] : [entryOf(one, locateWith(located))];
  });
}

function entryOf({ session, diagnosis }: ListedSession, locate: ImageEntry["locate"]): ImageEntry {
  const name = sessionKey(session);
  return { image: { id: `caps:${name}`, name, trueClass: diagnosis }, locate };
}

/** The images that there are instead of those that were looked for. */
async function otherPreprocessing(
  wanted: Preprocessing,
  caps: readonly OpenCaps[],
  sessions: readonly Session[],
): Promise<string | undefined> {
  const there = await preprocessingsOf(capsOfSessions(caps), sessions);
  if (there.length === 0) return undefined;
  return (
    `the model was trained on ${wanted} images, but ${namesOf(caps)} holds ${there.join(" and ")} images: ` +
    `open a CAPS with ${wanted} images, or a model that was trained on ${there.join(" or ")}`
  );
}

/** Of the first of these sessions that has any image: a CAPS is made by pipelines that run over all its sessions. */
async function preprocessingsOf(
  capsOf: (session: Session) => FileSource,
  sessions: readonly Session[],
): Promise<readonly Preprocessing[]> {
  for (const session of sessions.slice(0, 5)) {
    const there: Preprocessing[] = [];
    for (const preprocessing of preprocessings) {
      const options = { preprocessing, settings: { mode: "image" } as const, capsOf };
      if ((await locateSessions([session], options)).found.length > 0) there.push(preprocessing);
    }
    if (there.length > 0) return there;
  }
  return [];
}

function capsOfSessions(caps: readonly OpenCaps[]): (session: Session) => FileSource {
  const sources = new Map(
    caps.flatMap(({ files, sessions }) => sessions.map((one) => [sessionKey(one), files])),
  );
  return (session) => {
    const source = sources.get(sessionKey(session));
    if (source === undefined) throw new RangeError(`${session.name} is in no CAPS that is open`);
    return source;
  };
}

function namesOf(caps: readonly OpenCaps[]): string {
  return caps.map(({ files }) => files.name).join(" and ");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function some(names: readonly string[]): string {
  return `${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`;
}
