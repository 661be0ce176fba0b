import { imagePaths, type LocatedImage, locateSessions, type Session } from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import type { Model } from "@voxplain/study";
import type { LooseFile } from "./file-image.ts";

/**
 * The parts of a single file's image, cut as those of a CAPS: it is read as if it lay in one. Masks of regions
 * come from the CAPS that are open.
 * @throws VoxplainError `unsupported` for a format that a CAPS does not have at this place, `not-found` for masks.
 */
export async function locateLoosePart(
  file: LooseFile,
  name: string,
  { input: { preparation }, parts: settings }: Model,
  caps: readonly FileSource[],
): Promise<LocatedImage> {
  if (preparation.kind !== "caps") throw new RangeError("a network of parts knows how they are made");
  const { preprocessing } = preparation;
  const session: Session = { ...looseSession(name), participantId: name, sessionId: "image" };
  const paths = imagePaths(preprocessing, session.participantId, session.sessionId);
  const place = /\.pt$/i.test(file.path)
    ? paths.tensor
    : /\.nii(\.gz)?$/i.test(file.path)
      ? paths.nifti
      : undefined;
  if (place === undefined) {
    const formats = paths.nifti === undefined ? "tensors (.pt)" : "tensors (.pt) or NIfTI files";
    throw new VoxplainError(
      "unsupported",
      `${name} cannot be cut into the parts that the model sees: ${preprocessing} images are ${formats}`,
    );
  }
  const asCaps: FileSource = {
    name: file.files.name,
    list: async () => undefined,
    async open(path) {
      if (path === place) return file.files.open(file.path);
      if (!path.startsWith("masks/")) return undefined;
      for (const files of caps) {
        const mask = await files.open(path);
        if (mask !== undefined) return mask;
      }
      return undefined;
    },
  };
  const { found, failures } = await locateSessions([session], {
    preprocessing,
    settings,
    capsOf: () => asCaps,
  });
  if (failures[0] !== undefined) throw failures[0].error;
  const [located] = found;
  if (located === undefined) throw new RangeError("a session is found, or fails");
  return located;
}

/** Whose image a single file is, as far as anyone knows. */
export function looseSession(name: string): Session {
  return { name, participantId: "", sessionId: "", diagnosis: "", row: {}, cohort: "single" };
}
