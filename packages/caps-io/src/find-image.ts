import { type CapsImages, type FilePath, type FileSource, VoxplainError } from "@voxplain/core";
import type { Session } from "./labels.ts";
import { imagePaths, otherName } from "./layout.ts";

/** The files of a whole image in a CAPS. */
export interface ImagePaths {
  /** What its values are read from, below the CAPS root. */
  readonly path: FilePath;
  /** A `.pt` of torch.save, or a NIfTI. */
  readonly format: "tensor" | "nifti";
  /** The NIfTI of the same image where the CAPS has it: it holds the position of the voxels. */
  readonly nifti?: FilePath;
}

/**
 * Finds the tensor of a session, else its NIfTI; undefined where there is neither.
 * @throws VoxplainError `invalid-file` when there are two of a kind, `unsafe-file` for an ID that would lead out of the
 * CAPS.
 */
export async function findImage(
  caps: FileSource,
  images: CapsImages,
  session: Session,
): Promise<ImagePaths | undefined> {
  const paths = imagePaths(images, session.participantId, session.sessionId);
  const tensor = await findFile(caps, paths.tensor, session);
  const nifti = paths.nifti === undefined ? undefined : await findFile(caps, paths.nifti, session);
  if (tensor !== undefined) return { path: tensor, format: "tensor", ...(nifti && { nifti }) };
  return nifti === undefined ? undefined : { path: nifti, format: "nifti", nifti };
}

/** Under either name that Clinica gives it. */
async function findFile(caps: FileSource, path: FilePath, session: Session): Promise<FilePath | undefined> {
  const isThere = (await caps.open(path)) !== undefined;
  const other = otherName(path, session);
  if (other === undefined || (await caps.open(other)) === undefined) return isThere ? path : undefined;
  if (!isThere) return other;
  throw new VoxplainError("invalid-file", `two images of the same kind in ${caps.name}`, {
    session: session.name,
    found: `${path} and ${other}`,
    hint: "remove one of them",
  });
}
