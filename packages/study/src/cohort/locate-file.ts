import {
  type FilePlace,
  imagePaths,
  type ListedImage,
  type LocatedImage,
  locateSessions,
  looseImage,
} from "@voxplain/caps-io";
import { type CapsImages, type FileSource, VoxplainError } from "@voxplain/core";
import { type Model, stepsOf } from "../model/model.ts";

/**
 * Finds what a network takes of an image in a file of its own.
 * @param masks - CAPS with the masks of regions, for models of regions.
 * @throws VoxplainError `unsupported` for a file that cannot be cut into the parts that the model sees.
 */
export async function locateFile(
  { session, place: { source, below } }: ListedImage,
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
