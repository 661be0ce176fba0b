import { type FilePath, type FileSource, VoxplainError } from "@voxplain/core";
import type { Session } from "./labels.ts";
import { imagePaths, otherName, type Preprocessing } from "./layout.ts";
import { nearIds } from "./near-ids.ts";

/** A session's image: where it is. */
export interface CapsImage {
  /** Whose image it is. */
  readonly session: Session;
  /** Below the CAPS root. */
  readonly path: FilePath;
  /** A `.pt` of torch.save, or a NIfTI. */
  readonly format: "tensor" | "nifti";
  /** The NIfTI of the same image where the CAPS has it: it knows where the voxels lie. */
  readonly nifti?: FilePath;
}

/**
 * Finds the tensor of a session, else its NIfTI.
 * @throws VoxplainError `not-found` naming the session and what was looked for, `unsafe-file` for an
 * ID that would lead out of the CAPS.
 */
export async function locateImage(
  caps: FileSource,
  preprocessing: Preprocessing,
  session: Session,
): Promise<CapsImage> {
  const [image] = await locateImages(caps, preprocessing, [session]);
  return image!;
}

/**
 * Finds the images of a cohort, in its order.
 * @throws VoxplainError as `locateImage`; when several are missing, one error that counts them and names five.
 */
export async function locateImages(
  caps: FileSource,
  preprocessing: Preprocessing,
  sessions: readonly Session[],
): Promise<readonly CapsImage[]> {
  const images: CapsImage[] = [];
  const missing: Session[] = [];
  for (const session of sessions) {
    const image = await findImage(caps, preprocessing, session);
    if (image === undefined) missing.push(session);
    else images.push(image);
  }
  const [first] = missing;
  if (first === undefined) return images;
  const named = missing.slice(0, 5).map(({ participantId, sessionId }) => `${participantId} ${sessionId}`);
  const paths = Object.values(imagePaths(preprocessing, first.participantId, first.sessionId));
  const looked = `looked for ${paths.join(" and ")}`;
  const hint = await nearIds(caps, first);
  const where = `${preprocessing} image in ${caps.name}`;
  throw new VoxplainError(
    "not-found",
    missing.length === 1
      ? `${named[0]} has no ${where} (${looked})${hint}`
      : `${missing.length} of ${sessions.length} sessions have no ${where}: ` +
          `${named.join(", ")}${missing.length > 5 ? ", …" : ""} (${looked} and the like)${hint}`,
  );
}

/** As `locateImage`, where missing is no error. @throws VoxplainError `invalid-file` when there are two. */
export async function findImage(
  caps: FileSource,
  preprocessing: Preprocessing,
  session: Session,
): Promise<CapsImage | undefined> {
  const paths = imagePaths(preprocessing, session.participantId, session.sessionId);
  const tensor = await findFile(caps, paths.tensor, session);
  const nifti = paths.nifti === undefined ? undefined : await findFile(caps, paths.nifti, session);
  if (tensor !== undefined) {
    return { session, path: tensor, format: "tensor", ...(nifti && { nifti }) };
  }
  return nifti === undefined ? undefined : { session, path: nifti, format: "nifti", nifti };
}

/** Under either name that Clinica gives it. */
async function findFile(caps: FileSource, path: FilePath, session: Session): Promise<FilePath | undefined> {
  const isThere = (await caps.open(path)) !== undefined;
  const other = otherName(path, session);
  if (other === undefined || (await caps.open(other)) === undefined) return isThere ? path : undefined;
  if (!isThere) return other;
  throw new VoxplainError(
    "invalid-file",
    `${session.participantId} ${session.sessionId} has two images of the same kind in ${caps.name}, ${path} and ${other}: remove one`,
  );
}
