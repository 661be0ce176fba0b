import { type FilePath, type FileSource, joinPath, VoxplainError } from "@voxplain/core";
import type { Session } from "./labels.ts";
import { imagePaths, type Preprocessing } from "./layout.ts";

/** A session's image: where it is. */
export interface CapsImage {
  readonly session: Session;
  /** Below the CAPS root. */
  readonly path: FilePath;
  readonly format: "tensor" | "nifti";
  /** The NIfTI of the same image where the CAPS has it: it knows where the voxels lie. */
  readonly nifti?: FilePath;
}

/**
 * Finds the tensor of a session, else its NIfTI.
 * @throws VoxplainError `not-found` naming the session and what was looked for.
 */
export async function locateImage(
  caps: FileSource,
  preprocessing: Preprocessing,
  session: Session,
): Promise<CapsImage> {
  const found = await look(caps, preprocessing, session);
  if (found.image !== undefined) return found.image;
  const { participantId, sessionId } = session;
  throw new VoxplainError(
    "not-found",
    `${participantId} ${sessionId} has no ${preprocessing} image in ${caps.name} (looked for ${found.looked.join(" and ")})`,
  );
}

/** Finds the images of a cohort, in its order. @throws VoxplainError `not-found` naming those that are missing. */
export async function locateImages(
  caps: FileSource,
  preprocessing: Preprocessing,
  sessions: readonly Session[],
): Promise<readonly CapsImage[]> {
  const images: CapsImage[] = [];
  const missing: Session[] = [];
  let looked: readonly string[] = [];
  for (const session of sessions) {
    const found = await look(caps, preprocessing, session);
    if (found.image !== undefined) images.push(found.image);
    else {
      missing.push(session);
      if (missing.length === 1) looked = found.looked;
    }
  }
  const [first] = missing;
  if (first === undefined) return images;
  if (missing.length === 1) await locateImage(caps, preprocessing, first);
  const named = missing.slice(0, 5).map(({ participantId, sessionId }) => `${participantId} ${sessionId}`);
  throw new VoxplainError(
    "not-found",
    `${missing.length} of ${sessions.length} sessions have no ${preprocessing} image in ${caps.name}: ` +
      `${named.join(", ")}${missing.length > 5 ? ", …" : ""} (looked for ${looked.join(" and ")} and the like)`,
  );
}

async function look(caps: FileSource, preprocessing: Preprocessing, session: Session) {
  const paths = imagePaths(preprocessing, session.participantId, session.sessionId);
  const tensor = joinPath(paths.tensor);
  const nifti = paths.nifti && (await caps.open(joinPath(paths.nifti))) ? joinPath(paths.nifti) : undefined;
  const looked = [paths.tensor, ...(paths.nifti ? [paths.nifti] : [])];
  if ((await caps.open(tensor)) !== undefined) {
    const image: CapsImage = { session, path: tensor, format: "tensor", ...(nifti && { nifti }) };
    return { image, looked };
  }
  if (nifti === undefined) return { image: undefined, looked };
  const image: CapsImage = { session, path: nifti, format: "nifti", nifti };
  return { image, looked };
}
