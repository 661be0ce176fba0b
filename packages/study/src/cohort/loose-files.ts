import {
  type FilePlace,
  imagePaths,
  type LocatedImage,
  locateSessions,
  looseImage,
  type Session,
  type SessionFailure,
} from "@voxplain/caps-io";
import { type CapsImages, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import { type Model, stepsOf } from "../model/model.ts";
import type { Cohort } from "./cohort.ts";

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
  return {
    diagnoses: undefined,
    list: async () => ({ columns: [], sessions }),
    others: async (text) => (references === undefined ? sessions : sessionsOf(await references(text))),
    async locate(wanted, model) {
      const found: LocatedImage[] = [];
      const failures: SessionFailure[] = [];
      for (const session of wanted) {
        const place = places.get(session);
        if (place === undefined) throw new RangeError(`${session.name} is not of this cohort`);
        try {
          found.push(await located(place, session, model, masks));
        } catch (error) {
          if (!isVoxplainError(error)) throw error;
          failures.push({ session, error });
        }
      }
      return { found, failures };
    },
  };
}

function sessionOf({ below }: FilePlace): Session {
  const name = below.slice(below.lastIndexOf("/") + 1);
  return { name, participantId: "", sessionId: "", diagnosis: "", row: {}, cohort: "single" };
}

async function located(
  { source, below }: FilePlace,
  session: Session,
  model: Model,
  masks: readonly FileSource[],
): Promise<LocatedImage> {
  const { input, parts: settings } = model;
  const { dims, channelsLast, preparation } = input;
  if (settings.mode === "image" && dims !== undefined) {
    // What a folder expects is what its preprocessing usually makes; weights may be for images of another size.
    const lengths = preparation.kind === "caps" ? dims.map((length, k) => (k === 0 ? length : null)) : dims;
    return looseImage(source, below, session, {
      spec: { lengths, channelsLast },
      steps: stepsOf(model),
    });
  }
  if (preparation.kind !== "caps") throw new RangeError("a network of parts states how they are made");
  const wanted = preparation.images;
  const open = openerInCaps({ source, below }, wanted, masks);
  const ids = { participantId: looseId, sessionId: looseId };
  const { found, failures } = await locateSessions([{ ...session, ...ids }], {
    ...{ images: wanted, settings },
    capsOf: () => ({ name: source.name, list: async () => undefined, open }),
  });
  const [image] = found;
  if (image === undefined) throw failures[0]?.error ?? new RangeError("a session is found or not");
  return { ...image, session, read: async (options) => ({ ...(await image.read(options)), session }) };
}

/** Stands for the participant and the session in the names of a CAPS in which a loose file is looked for. */
const looseId = "loose";

/**
 * Opens a loose file where a CAPS would have the image, so that it is cut into parts in the same way, and the masks of
 * regions where one of the CAPS has them.
 */
function openerInCaps(
  { source, below }: FilePlace,
  images: CapsImages,
  masks: readonly FileSource[],
): FileSource["open"] {
  const paths = imagePaths(images, looseId, looseId);
  const place = /\.pt$/i.test(below) ? paths.tensor : /\.nii(\.gz)?$/i.test(below) ? paths.nifti : undefined;
  if (place === undefined) {
    throw new VoxplainError("unsupported", "the image cannot be cut into the parts that the model sees", {
      file: `${source.name}/${below}`,
      expected: paths.nifti === undefined ? "a tensor (.pt)" : "a tensor (.pt) or a NIfTI file",
    });
  }
  return async (wanted) => {
    if (wanted === place) return source.open(below);
    if (!wanted.startsWith("masks/")) return undefined;
    for (const caps of masks) {
      const mask = await caps.open(wanted);
      if (mask !== undefined) return mask;
    }
    return undefined;
  };
}
