import {
  type CohortTables,
  type FilePlace,
  readCohorts,
  readLabels,
  readTrainingLabels,
  readUnlabelled,
  type Session,
} from "@voxplain/caps-io";
import type { FileSource } from "@voxplain/core";
import type { Cohort, SessionList } from "./cohort.ts";
import { type CollectedCohort, collectedCohort } from "./collected-cohort.ts";
import { type ListedImages, listedImages } from "./listed-images.ts";
import { locateIn } from "./locate-in.ts";
import { type LooseFiles, looseFiles } from "./loose-files.ts";

/** Which rows of label lists are used. */
export interface ListedSessions {
  /** Their sessions are used, in this order: "AD", "CN", … */
  readonly diagnoses: readonly string[];
  /** Only the first visit of each participant: `<diagnosis>_baseline.tsv`. Default: false. */
  readonly baseline?: boolean | undefined;
  /** Set for the lists of a training, which differ by fold: its number of splits, 0 where there was a single one. */
  readonly splitCount?: number | undefined;
}

/** A CAPS and the label lists of its sessions. */
export interface LabelledCaps extends ListedSessions {
  /** The folder with "subjects". */
  readonly caps: FileSource;
  /** A folder with a list for each diagnosis, or one table. */
  readonly labels: FileSource | FilePlace;
  /** Whether a table without a column "diagnosis" will do: all its sessions are used then. Default: false. */
  readonly unlabelled?: boolean | undefined;
}

/** Several CAPS, each with its label lists. */
export interface SeveralCaps extends ListedSessions {
  /** The tables that list them. */
  readonly tables: CohortTables;
}

/** Sessions that are known already, such as those that `listSessions` found. */
export interface ChosenSessions {
  /** Whose images are explained. */
  readonly sessions: readonly Session[];
  /** The CAPS that a session is in. */
  readonly capsOf: (session: Session) => FileSource;
}

/** Where the images of a cohort come from. */
export type CohortSource =
  | LabelledCaps
  | SeveralCaps
  | ChosenSessions
  | LooseFiles
  | CollectedCohort
  | ListedImages;

/**
 * Opens a cohort: label lists are read when it is listed, images when they are explained.
 * @throws VoxplainError for a table that may lack diagnoses as its reader.
 */
export async function openCohort(source: CohortSource): Promise<Cohort> {
  if ("list" in source) return listedImages(source);
  if ("images" in source) return looseFiles(source);
  if ("collected" in source) return collectedCohort(source);
  if ("sessions" in source) return chosenSessions(source);
  if ("tables" in source)
    return listedCohort(source, (diagnosis, fold) => readTables(source, diagnosis, fold));
  const { caps } = source;
  const labels = "source" in source.labels ? source.labels : { source: source.labels, below: "" };
  if (source.unlabelled && source.splitCount === undefined) {
    const all = await readUnlabelled(labels.source, labels.below, { baseline: source.baseline ?? false });
    if (all !== undefined) return { ...chosenSessions({ ...all, capsOf: () => caps }), diagnoses: undefined };
  }
  return listedCohort(source, async (diagnosis, fold) => {
    const query = { diagnosis, baseline: source.baseline ?? false };
    const training = trainingOf(source, fold);
    const { columns, sessions } = training
      ? await readTrainingLabels(labels.source, labels.below, { ...query, ...training })
      : await readLabels(labels.source, labels.below, query);
    return { columns, sessions, capsOf: () => caps };
  });
}

/** What a label list holds, and where the images of its sessions are. */
interface ReadList extends ChosenSessions {
  readonly columns: readonly string[];
}

async function readTables(source: SeveralCaps, diagnosis: string, fold: number | undefined) {
  const training = trainingOf(source, fold);
  const baseline = source.baseline ?? false;
  return readCohorts(source.tables, { diagnosis, baseline, ...(training && { training }) });
}

function trainingOf({ splitCount }: ListedSessions, fold: number | undefined) {
  return splitCount === undefined || fold === undefined ? undefined : { splitCount, fold };
}

function listedCohort(
  { diagnoses }: ListedSessions,
  read: (diagnosis: string, fold: number | undefined) => Promise<ReadList>,
): Cohort {
  const sources = new Map<Session, FileSource>();
  const readAndRemember = async (diagnosis: string, fold: number | undefined): Promise<ReadList> => {
    const list = await read(diagnosis, fold);
    for (const session of list.sessions) sources.set(session, list.capsOf(session));
    return list;
  };
  return {
    diagnoses,
    async list(fold) {
      const lists: SessionList[] = [];
      const listed = new Map<Session, string>();
      for (const diagnosis of diagnoses) {
        const { columns, sessions } = await readAndRemember(diagnosis, fold);
        for (const session of sessions) listed.set(session, diagnosis);
        lists.push({ columns, sessions });
      }
      return {
        columns: [...new Set(lists.flatMap(({ columns }) => columns))],
        sessions: lists.flatMap(({ sessions }) => sessions),
        listed,
      };
    },
    others: async (diagnosis, fold) => (await readAndRemember(diagnosis, fold)).sessions,
    locate: (sessions, model) => locateIn(sessions, model, (session) => sourceOf(sources, session)),
  };
}

function sourceOf(sources: ReadonlyMap<Session, FileSource>, session: Session): FileSource {
  const source = sources.get(session);
  if (source === undefined) throw new RangeError(`${session.name} is not of this cohort`);
  return source;
}

function chosenSessions({ sessions, capsOf, columns = [] }: ChosenSessions & Partial<ReadList>): Cohort {
  return {
    diagnoses: [...new Set(sessions.map(({ diagnosis }) => diagnosis))],
    list: async () => ({ columns, sessions }),
    others: async (diagnosis) => sessions.filter((session) => session.diagnosis === diagnosis),
    locate: (wanted, model) => locateIn(wanted, model, capsOf),
  };
}
