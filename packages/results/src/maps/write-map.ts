import { unknownPosition } from "@voxplain/caps-io";
import {
  type Affine,
  encodeNpy,
  firstChannel,
  identityAffine,
  type Tensor,
  type Volume,
} from "@voxplain/core";
import { gzipInPool } from "@voxplain/core/node";
import { encodeNiftiGz } from "@voxplain/writers";
import type { RecordedFiles } from "../job/recorded-files.ts";

export interface MapOptions {
  /** undefined where the position is unknown: NIfTI files get the identity then, and `warn` says so. */
  readonly affine: Affine | undefined;
  /** End of the colour scale of 2D maps. */
  readonly vmax: number;
  readonly title: string;
  readonly warn: (warning: string) => void;
}

/** The affine that volumes are written with. */
export function writtenAffine({ affine, warn }: MapOptions): Affine {
  if (affine === undefined) warn(unknownAffine);
  return affine ?? identityAffine;
}

const unknownAffine =
  "the position of the voxels is unknown: the maps get the identity as their affine; " +
  "give an image on the same grid with --nifti_template_path";

/** A map and what is needed to write it. */
export interface WrittenMap {
  /** [C, X, Y, Z] or [C, H, W]; pictures and NIfTI show the first channel. */
  readonly map: Tensor<"float32">;
  /** What the .npy holds: the map with or without its channel axis. */
  readonly stored: Tensor<"float32">;
  /** The image below the map, of the size of its first channel; without it no picture is made of a volume. */
  readonly anatomy?: Float32Array;
}

/**
 * Writes one map in all its forms: `<path>.npy`, and `<path>.nii.gz` and `<path>.png` (3D, over the
 * anatomy) or `<path>.jpg` (2D).
 */
export async function writeMap(
  files: RecordedFiles,
  path: string,
  { map, stored, anatomy }: WrittenMap,
  options: MapOptions,
): Promise<void> {
  const { vmax, title } = options;
  const { renderMap2d, renderPlanes } = await loadPictures();
  const first = firstChannel(map);
  const npy = () => files.write(`${path}.npy`, encodeNpy(stored), stored.data);
  if (first.dims.length === 2) {
    await npy();
    await files.write(`${path}.jpg`, await renderMap2d(first, { vmax }));
    return;
  }
  const affine = writtenAffine(options);
  const shape = first.dims as unknown as Volume["shape"];
  const volume: Volume = { data: first.data, shape, affine };
  const picture = async () => {
    if (anatomy === undefined) return;
    const under: Volume = { data: anatomy.subarray(0, first.data.length), shape, affine };
    await files.write(`${path}.png`, await renderPlanes(volume, under, { title }));
  };
  // Compression runs in the thread pool while this thread draws.
  await allSettled(writeNifti(files, path, volume, options), npy(), picture());
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

/** Writes `<path>.nii.gz`; where the position is unknown its header and the provenance record that. */
export async function writeNifti(
  files: RecordedFiles,
  path: string,
  volume: Volume,
  { affine }: { readonly affine: Affine | undefined },
): Promise<void> {
  const unknown = affine === undefined;
  const bytes = await encodeNiftiGz(volume, gzipInPool, unknown ? { description: unknownPosition } : {});
  await files.write(`${path}.nii.gz`, bytes, undefined, unknown ? { position: "unknown" } : {});
}

/** The drawing library is large: it loads while the network computes, and not at all where nothing is drawn. */
export function loadPictures() {
  return import("@voxplain/writers/pictures");
}
