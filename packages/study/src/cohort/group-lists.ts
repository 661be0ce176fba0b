import {
  type CohortTables,
  type FilePlace,
  type LabelTable,
  readCapsTable,
  readGroupList,
  type Session,
} from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import type { Cohort } from "./cohort.ts";
import { locateIn } from "./locate-in.ts";

/** Sessions that the folder of a model lists itself. */
export interface GroupLists {
  /** The name of the data group: "train". */
  readonly group: string;
  /** A list for each fold, or one for all. */
  readonly lists: readonly GroupSessions[];
  /** Their sessions are used, in this order. Default: every session, in the order of the list. */
  readonly diagnoses?: readonly string[] | undefined;
  /** Whether every session of a list without a column "diagnosis" is used. Default: it is refused where diagnoses are given. */
  readonly unlabelled?: boolean | undefined;
}

/** One list of a data group, and the CAPS with its images. */
export interface GroupSessions {
  /** Undefined for a list of every fold. */
  readonly fold?: number;
  /** The list. */
  readonly list: FilePlace;
  /** The folder with "subjects", or a table of several. */
  readonly caps: FileSource | Pick<CohortTables, "caps" | "openCaps">;
}

/** A data group of a MAPS as a cohort. */
export function groupLists({ group, lists, diagnoses, unlabelled = false }: GroupLists): Cohort {
  const sources = new Map<Session, FileSource>();
  let severalCaps: readonly FileSource[] | undefined;
  const read = async (fold: number | undefined): Promise<LabelTable> => {
    const found = lists.find((one) => one.fold === fold) ?? lists.find((one) => one.fold === undefined);
    if (found === undefined) {
      throw new VoxplainError("not-found", `the data group ${group} has no list for the fold ${fold}`, {
        hint: "give the sessions (--tsv_path)",
      });
    }
    const several = "openCaps" in found.caps ? await readCapsTable(found.caps) : undefined;
    severalCaps = several && [...several.values()];
    const table = await readGroupList(found.list, several !== undefined);
    const file = `${found.list.source.name}/${table.file}`;
    for (const session of table.sessions) {
      const caps = "openCaps" in found.caps ? several?.get(session.cohort) : found.caps;
      if (caps !== undefined) sources.set(session, caps);
      else throw unknownCohort(session.cohort, [...(several?.keys() ?? [])], file);
    }
    return { ...table, file };
  };
  return {
    diagnoses,
    group,
    async list(fold) {
      const { columns, sessions, file } = await read(fold);
      const takesAll = unlabelled && !columns.includes("diagnosis");
      if (diagnoses === undefined || takesAll) return { columns, sessions };
      const chosen = diagnoses.flatMap((diagnosis) => ofDiagnosis({ columns, sessions, file }, diagnosis));
      return { columns, sessions: chosen };
    },
    others: async (diagnosis, fold) => ofDiagnosis(await read(fold), diagnosis),
    locate: (sessions, model) =>
      locateIn(
        sessions,
        model,
        (session) => {
          const source = sources.get(session);
          if (source === undefined) throw new RangeError(`${session.name} is not of this cohort`);
          return source;
        },
        severalCaps,
      ),
  };
}

function ofDiagnosis({ columns, sessions, file }: LabelTable, diagnosis: string): readonly Session[] {
  if (!columns.includes("diagnosis")) {
    throw new VoxplainError(
      "invalid-file",
      'it has no column "diagnosis" by which sessions could be chosen',
      {
        ...{ file, found: columns.join(", ") },
        hint: "give a list that has it (--tsv_path)",
      },
    );
  }
  const chosen = sessions.filter((session) => session.diagnosis === diagnosis);
  if (chosen.length > 0) return chosen;
  throw new VoxplainError("not-found", `it lists no session with the diagnosis ${diagnosis}`, {
    ...{ file, found: [...new Set(sessions.map((session) => session.diagnosis))].join(", ") },
  });
}

function unknownCohort(cohort: string, known: readonly string[], file: string): VoxplainError {
  return new VoxplainError("invalid-file", `the cohort "${cohort}" has no CAPS`, {
    ...{ file, expected: known.join(", ") },
    hint: "give a table with the CAPS of each cohort (--caps_dir, --multi_cohort)",
  });
}
