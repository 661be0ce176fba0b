import type { FilePlace, Session } from "@voxplain/caps-io";
import type { FileSource } from "@voxplain/core";
import type { Cohort } from "./cohort.ts";
import { locateFiles } from "./locate-files.ts";

/** Images in files of their own, without labels. */
export interface LooseFiles {
  /** In their order: `.nii`, `.nii.gz`, `.mgz`, `.npy`, `.pt`, `.png`, `.jpg`. */
  readonly images: readonly FilePlace[];
  /** The images that a text stands for, to compare with, such as a folder. Default: the images themselves. */
  readonly references?: ((text: string) => Promise<readonly FilePlace[]>) | undefined;
  /** CAPS with the masks of regions, for models of regions. */
  readonly masks?: readonly FileSource[] | undefined;
}

/** Loose files as a cohort: a session for each file. */
export function looseFiles({ images, references, masks = [] }: LooseFiles): Cohort {
  const places = new Map<Session, FilePlace>();
  const sessionsOf = (files: readonly FilePlace[]) =>
    files.map((place) => {
      const session = sessionOf(place);
      places.set(session, place);
      return session;
    });
  const sessions = sessionsOf(images);
  const placeOf = (session: Session) => {
    const place = places.get(session);
    if (place === undefined) throw new RangeError(`${session.name} is not of this cohort`);
    return place;
  };
  return {
    diagnoses: undefined,
    list: async () => ({ columns: [], sessions }),
    others: async (text) => (references === undefined ? sessions : sessionsOf(await references(text))),
    locate: (wanted, model) => locateFiles(model, { sessions: wanted, placeOf, masks }),
  };
}

function sessionOf({ below }: FilePlace): Session {
  const name = below.slice(below.lastIndexOf("/") + 1);
  return { name, participantId: "", sessionId: "", diagnosis: "", row: {}, cohort: "single" };
}
