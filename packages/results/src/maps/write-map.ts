import { unknownPosition } from "@voxplain/caps-io";
import { type Affine, encodeNpy, type Tensor, type Volume } from "@voxplain/core";
import { gzipInPool } from "@voxplain/core/node";
import { encodeNiftiGz } from "@voxplain/writers";
import type { RecordedFiles } from "../records/recorded-files.ts";

/** A map in the forms that it is written in. */
export interface MapForms {
  /** What the .npy holds. */
  readonly stored: Tensor<"float32">;
  /** What the .nii.gz holds; undefined where there is none. */
  readonly volume?: Volume;
  readonly picture?: {
    readonly ending: "png" | "jpg";
    readonly draw: (pictures: Pictures) => Promise<Uint8Array>;
  };
}

export type Pictures = Awaited<ReturnType<typeof loadPictures>>;

/** Where the voxels of a map are. */
interface Position {
  /** undefined where that is unknown: the volume has the identity then, and its header and the provenance record it. */
  readonly affine: Affine | undefined;
}

/** Writes a map in all its forms: `<path>.npy`, `<path>.nii.gz` and `<path>.png` or `<path>.jpg`. */
export async function writeMap(
  files: RecordedFiles,
  path: string,
  { stored, volume, picture }: MapForms,
  position: Position,
): Promise<void> {
  const pictures = picture && (await loadPictures());
  // Compression runs in the thread pool while this thread draws.
  await allSettled(
    ...(volume ? [writeNifti(files, path, volume, position)] : []),
    files.write(`${path}.npy`, encodeNpy(stored), stored.data),
    ...(picture && pictures
      ? [picture.draw(pictures).then((bytes) => files.write(`${path}.${picture.ending}`, bytes))]
      : []),
  );
}

/** Writes `<path>.nii.gz`. */
export async function writeNifti(
  files: RecordedFiles,
  path: string,
  volume: Volume,
  { affine }: Position,
): Promise<void> {
  const unknown = affine === undefined;
  const bytes = await encodeNiftiGz(volume, gzipInPool, unknown ? { description: unknownPosition } : {});
  await files.write(`${path}.nii.gz`, bytes, undefined, unknown ? { position: "unknown" } : {});
}

/**
 * Waits for all, then throws the first failure. Not before: a file that is still being written could outlive
 * the folder it is in.
 */
export async function allSettled(...writing: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(writing)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}

/** The drawing library is large: it loads while the network computes, and not at all where nothing is drawn. */
export function loadPictures() {
  return import("@voxplain/writers/pictures");
}
