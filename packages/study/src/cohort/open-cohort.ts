import {
  type CohortTables,
  type FilePlace,
  readCohorts,
  readLabels,
  readTrainingLabels,
  readUnlabelled,
  type Session,
} from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import type { Cohort, SessionList } from "./cohort.ts";
import { type CollectedCohort, collectedCohort } from "./collected-cohort.ts";
import { type GroupLists, groupLists } from "./group-lists.ts";
import { type ListedImages, listedImages } from "./listed-images.ts";
import { locateIn } from "./locate-in.ts";
import { type LooseFiles, looseFiles } from "./loose-files.ts";

/** Which rows of label lists are used. */
export interface ListedSessions {
  /** Their sessions are used, in this order: "AD", "CN", … undefined: every session of one table, whatever its diagnosis. */
  readonly diagnoses: readonly string[] | undefined;
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
  | ListedImages
  | GroupLists;

/**
 * Opens a cohort: label lists are read when it is listed, images when they are explained.
 * @throws VoxplainError `invalid-argument` where diagnoses have to be chosen and are not; for a table that may lack diagnoses as its reader.
 */
export async function openCohort(source: CohortSource): Promise<Cohort> {
  if ("list" in source) return listedImages(source);
  if ("group" in source) return groupLists(source);
  if ("images" in source) return looseFiles(source);
  if ("collected" in source) return collectedCohort(source);
  if ("sessions" in source) return chosenSessions(source);
  if ("tables" in source)
    return listedCohort(source, (diagnosis, fold) => readTables(source, diagnosis, fold));
  const everyone = source.diagnoses === undefined;
  const { caps } = source;
  const labels = "source" in source.labels ? source.labels : { source: source.labels, below: "" };
  if (everyone || (source.unlabelled && source.splitCount === undefined)) {
    const query = { baseline: source.baseline ?? false, labelled: everyone };
    const all = await readUnlabelled(labels.source, labels.below, query);
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
  /** The CAPS of several cohorts, in the order of their table. */
  readonly caps?: readonly FileSource[];
}

async function readTables(source: SeveralCaps, diagnosis: string, fold: number | undefined) {
  const training = trainingOf(source, fold);
  const baseline = source.baseline ?? false;
  return readCohorts(source.tables, { diagnosis, baseline, ...(training && { training }) });
}

function trainingOf({ splitCount }: ListedSessions, fold: number | undefined) {
  return splitCount === undefined || fold === undefined ? undefined : { splitCount, fold };
}

/** What lists are called by has to be known. */
function refuseEveryone(): VoxplainError {
  return new VoxplainError("invalid-argument", "there is a list for each diagnosis, and none is chosen", {
    hint: "give the diagnoses (--diagnosis)",
  });
}

function listedCohort(
  { diagnoses }: ListedSessions,
  read: (diagnosis: string, fold: number | undefined) => Promise<ReadList>,
): Cohort {
  if (diagnoses === undefined) throw refuseEveryone();
  const sources = new Map<Session, FileSource>();
  let severalCaps: readonly FileSource[] | undefined;
  const readAndRemember = async (diagnosis: string, fold: number | undefined): Promise<ReadList> => {
    const list = await read(diagnosis, fold);
    for (const session of list.sessions) sources.set(session, list.capsOf(session));
    severalCaps ??= list.caps;
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
    locate: (sessions, model) =>
      locateIn(sessions, model, (session) => sourceOf(sources, session), severalCaps),
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
