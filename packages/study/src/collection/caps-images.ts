import {
  findImage,
  imagePaths,
  type LocatedImage,
  locateSessions,
  type Session,
  type SessionFailure,
} from "@voxplain/caps-io";
import {
  type CapsImages,
  type FileSource,
  isVoxplainError,
  type Preprocessing,
  preprocessings,
  VoxplainError,
} from "@voxplain/core";
import { openCohort } from "../cohort/open-cohort.ts";
import type { Model } from "../model/model.ts";
import type { CollectedImage, Collection, FoundImages, HeldSessions } from "./collection.ts";
import { sessionKey } from "./label-lists.ts";

/** Sessions to look at: those of the label lists where there are some, else all that the CAPS hold. */
export async function collectCapsImages(
  { caps, listed }: Omit<Collection, "files">,
  model: Model | undefined,
): Promise<FoundImages<never>> {
  if (caps.length === 0) return { images: [], absent: [], problems: [] };
  const held = new Map(caps.flatMap(({ sessions }) => sessions.map((one) => [sessionKey(one), one])));
  const isHeld = (session: Session) => held.has(sessionKey(session));
  const chosen = listed.length === 0 ? [...held.values()] : listed.filter(isHeld);
  const absent = listed.filter((session) => !isHeld(session)).map((session) => notHeld(session, caps));
  const problems =
    absent.length === 0
      ? []
      : [
          `${counted(absent.length, "session")} of the label lists ${absent.length === 1 ? "is" : "are"} not in ` +
            `${namesOf(caps)}: ${some(absent.map(({ session }) => sessionKey(session)))}`,
        ];
  const found = model === undefined ? withoutModel(chosen) : await withModel(model, caps, chosen);
  return {
    images: found.images,
    absent: [...absent, ...found.absent],
    problems: [...problems, ...found.problems],
  };
}

function notHeld(session: Session, caps: readonly HeldSessions[]): SessionFailure {
  const problem = `it is in a label list, and has no folder in ${namesOf(caps)}`;
  return { session, error: new VoxplainError("not-found", problem, { session: session.name }) };
}

/** Before a model is open it is unknown which images of a session are needed. */
function withoutModel(chosen: readonly Session[]): FoundImages<never> {
  const locate = async () => {
    throw new RangeError("images are located for the model that they were collected for");
  };
  return { images: chosen.map((session) => ({ session, locate })), absent: [], problems: [] };
}

async function withModel(
  model: Model,
  caps: readonly HeldSessions[],
  chosen: readonly Session[],
): Promise<FoundImages<never>> {
  const capsOf = capsOfSessions(caps);
  const { preparation } = model.input;
  if (preparation.kind !== "caps") return fitting(model, capsOf, chosen);
  try {
    const options = { images: preparation.images, settings: model.parts, capsOf };
    const { found, failures } = await locateSessions(chosen, options);
    const images = found.map((located) => ({ session: located.session, locate: async () => located }));
    const [first, ...others] = failures.map(({ error }) => error.message);
    if (first === undefined) return { images, absent: [], problems: [] };
    if (found.length === 0) {
      const other = await otherPreprocessing(preparation.images.preprocessing, caps, chosen);
      return { images: [], absent: failures, problems: [other ?? first] };
    }
    const more = failures.slice(1).map(({ session }) => sessionKey(session));
    const also = others.length > 0 ? `; the others: ${some(more)}` : "";
    const problem = `${counted(failures.length, "session")} cannot be explained: ${first}${also}`;
    return { images, absent: failures, problems: [problem] };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return { images: [], absent: [], problems: [error.message] };
  }
}

/** For a network that says nothing of the preprocessing: the images whose shape it takes, else the first ones found. */
async function fitting(
  model: Model,
  capsOf: (session: Session) => FileSource,
  chosen: readonly Session[],
): Promise<FoundImages<never>> {
  const lists: FoundImages<never>[] = [];
  for (const preprocessing of await preprocessingsOf(capsOf, chosen)) {
    const images = chosen.map((session): CollectedImage<never> => {
      const caps = capsOf(session);
      return { session, locate: (used) => storedImage(session, caps, preprocessing, used) };
    });
    const { problem } = (await (await images[0]?.locate(model))?.grid()) ?? {};
    if (problem === undefined) return { images, absent: [], problems: [] };
    lists.push({ images, absent: [], problems: [problem.message] });
  }
  const problem = "the CAPS has no prepared image of its first sessions";
  return lists[0] ?? { images: [], absent: [], problems: [problem] };
}

/** The image of a session as a file of its own: the NIfTI, which has a position, else the tensor. */
async function storedImage(
  session: Session,
  caps: FileSource,
  preprocessing: Preprocessing,
  model: Model,
): Promise<LocatedImage> {
  const images = capsImages(preprocessing);
  const { tensor } = imagePaths(images, session.participantId, session.sessionId);
  const found = await findImage(caps, images, session);
  const image = { source: caps, below: found?.nifti ?? found?.path ?? tensor };
  const cohort = await openCohort({ images: [image] });
  const { sessions } = await cohort.list(undefined);
  const [located] = (await cohort.locate(sessions, model)).found;
  if (located === undefined) throw new RangeError("a file is an image");
  return { ...located, session, read: async (options) => ({ ...(await located.read(options)), session }) };
}

/** The images found in place of those that were looked for. */
async function otherPreprocessing(
  wanted: Preprocessing,
  caps: readonly HeldSessions[],
  sessions: readonly Session[],
): Promise<string | undefined> {
  const there = await preprocessingsOf(capsOfSessions(caps), sessions);
  if (there.length === 0) return undefined;
  return (
    `the model was trained on ${wanted} images, but ${namesOf(caps)} holds ${there.join(" and ")} images: ` +
    `open a CAPS with ${wanted} images, or a model that was trained on ${there.join(" or ")}`
  );
}

/** Kinds of images of the first session that has any: a CAPS is made by pipelines that run over all its sessions. */
async function preprocessingsOf(
  capsOf: (session: Session) => FileSource,
  sessions: readonly Session[],
): Promise<readonly Preprocessing[]> {
  for (const session of sessions.slice(0, 5)) {
    const there: Preprocessing[] = [];
    // The names of custom images are known to their models alone.
    for (const preprocessing of preprocessings.filter((one) => one !== "custom")) {
      const options = { images: capsImages(preprocessing), settings: { mode: "image" } as const, capsOf };
      if ((await locateSessions([session], options)).found.length > 0) there.push(preprocessing);
    }
    if (there.length > 0) return there;
  }
  return [];
}

/** Images under any of their names: nothing says which version of ClinicaDL they are for. */
function capsImages(preprocessing: Preprocessing): CapsImages {
  return { preprocessing, generation: "1.x" };
}

function capsOfSessions(caps: readonly HeldSessions[]): (session: Session) => FileSource {
  const sources = new Map(
    caps.flatMap(({ files, sessions }) => sessions.map((one) => [sessionKey(one), files])),
  );
  return (session) => {
    const source = sources.get(sessionKey(session));
    if (source === undefined) throw new RangeError(`${session.name} is in no CAPS that is open`);
    return source;
  };
}

function namesOf(caps: readonly HeldSessions[]): string {
  return caps.map(({ files }) => files.name).join(" and ");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function some(names: readonly string[]): string {
  return `${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`;
}
