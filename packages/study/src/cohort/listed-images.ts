import type { FilePlace, ImageList, Session, SessionFailure } from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import { labelOf } from "../model/labels.ts";
import type { Cohort } from "./cohort.ts";
import { locateFiles } from "./locate-files.ts";

/** Images that a table or a BIDS folder names. */
export interface ListedImages {
  /** As `openImages` read it. */
  readonly list: ImageList;
  /** Values of the label column whose sessions are used, in this order. Default: every session, whatever its label is. */
  readonly diagnoses?: readonly string[] | undefined;
  /** The column that `diagnoses` are values of. Default: that of the labels. */
  readonly column?: string | undefined;
  /** CAPS with the masks of regions, for models of regions. */
  readonly masks?: readonly FileSource[] | undefined;
}

/** Images of a list as a cohort. What is wrong with one session is found when its image is located. */
export function listedImages({ list, diagnoses, column, masks = [] }: ListedImages): Cohort {
  const places = new Map<Session, FilePlace>(list.images.map(({ session, place }) => [session, place]));
  const failed = new Map<Session, SessionFailure>(list.failures.map((failure) => [failure.session, failure]));
  const all = [...places.keys(), ...failed.keys()];
  const placeOf = (session: Session) => {
    const failure = failed.get(session);
    if (failure !== undefined) throw failure.error;
    const place = places.get(session);
    if (place === undefined) throw new RangeError(`${session.name} is not of this cohort`);
    return place;
  };
  const valueIn = (session: Session) =>
    column === undefined
      ? session.diagnosis
      : labelOf({ ...session, diagnosis: session.row[column] ?? "" }, "diagnosis");
  const ofLabel = (label: string) => all.filter((session) => valueIn(session) === label);
  const labels = [...new Set(all.map(valueIn))].filter((label) => label !== "");
  return {
    diagnoses: diagnoses ?? (labels.length === 0 ? undefined : []),
    fileOf(session) {
      const place = places.get(session);
      return place && `${place.source.name}/${place.below}`;
    },
    async list() {
      const sessions = diagnoses === undefined ? all : diagnoses.flatMap(ofLabel);
      const unlabelled = all.filter((session) => valueIn(session) === "").length;
      const isLeftOut = diagnoses !== undefined && unlabelled > 0;
      const notes = isLeftOut
        ? [`${unlabelled} of ${all.length} sessions have no label: they are left out`]
        : [];
      // Where there is no image at all, or a table could not be read, the list says why.
      const { labelsOfProblems: others = [] } = list;
      const isKnown = all.length > 0 && others !== "unknown";
      const isAbsent = (label: string) => isKnown && !labels.includes(label) && !others.includes(label);
      const absent = diagnoses?.filter(isAbsent) ?? [];
      return {
        columns: list.columns,
        sessions,
        isLabelled: true,
        notes: [...list.notes, ...notes],
        problems: [
          ...list.problems,
          ...absent.map((label) => noSession(label, labels, labels.length === 0 ? list.notes : [])),
        ],
      };
    },
    async others(label) {
      const sessions = ofLabel(label);
      if (sessions.length > 0) return sessions;
      throw noSession(label, labels);
    },
    locate: (sessions, model) => locateFiles(model, { sessions, placeOf, masks }),
  };
}

/** @param reasons - Sentences that may say why sessions have no label. */
function noSession(label: string, labels: readonly string[], reasons: readonly string[] = []): VoxplainError {
  const isOfCase = labels.some((one) => one.toLowerCase() === label.toLowerCase());
  const hints = [...(isOfCase ? ["labels are compared with their case"] : []), ...reasons];
  return new VoxplainError("not-found", `no session has the label ${label}`, {
    found: labels.length === 0 ? "no labels" : labels.join(", "),
    ...(hints.length > 0 && { hint: hints.join("; ") }),
  });
}
