import { type Affine, type Tensor, tensor, type Volume } from "@voxplain/core";
import { gzipInPool } from "@voxplain/core/node";
import { encodeNiftiGz, encodeNpy } from "@voxplain/writers";
import type { RecordedFiles } from "./recorded-files.ts";

export interface MapOptions {
  readonly affine: Affine;
  /** End of the colour scale of 2D maps. */
  readonly vmax: number;
  readonly title: string;
}

/**
 * Writes one map in all its forms below `path`: map.npy, and map.nii.gz and map.png (3D, over the
 * anatomy) or map.jpg (2D).
 * @param map [C, X, Y, Z] or [C, H, W]; pictures and NIfTI show the first channel.
 * @param stored what map.npy holds: the map with or without its channel axis.
 * @param anatomy the image below the map, of the same shape as the map.
 */
export async function writeMap(
  files: RecordedFiles,
  path: string,
  map: Tensor<"float32">,
  stored: Tensor<"float32">,
  anatomy: Float32Array,
  { affine, vmax, title }: MapOptions,
): Promise<void> {
  const inside = (name: string) => (path === "" ? name : `${path}/${name}`);
  const { renderMap2d, renderPlanes } = await loadPictures();
  const first = firstChannel(map);
  const npy = () => files.write(inside("map.npy"), encodeNpy(stored), stored.data);
  if (first.dims.length === 2) {
    await npy();
    await files.write(inside("map.jpg"), await renderMap2d(first, { vmax }));
    return;
  }
  const shape = first.dims as unknown as Volume["shape"];
  const volume: Volume = { data: first.data, shape, affine };
  const under: Volume = { data: anatomy.subarray(0, first.data.length), shape, affine };
  // Compression runs in the thread pool while this thread draws.
  const written = await Promise.allSettled([
    encodeNiftiGz(volume, gzipInPool).then((bytes) => files.write(inside("map.nii.gz"), bytes)),
    npy(),
    renderPlanes(volume, under, { title }).then((bytes) => files.write(inside("map.png"), bytes)),
  ]);
  // Not before all have ended: a file that is still being written could outlive the folder it is in.
  for (const outcome of written) if (outcome.status === "rejected") throw outcome.reason;
}

/** The drawing library is large: it loads while the network computes, and not at all where nothing is drawn. */
export function loadPictures() {
  return import("@voxplain/writers/pictures");
}

/** [X, Y, Z] of [C, X, Y, Z], [H, W] of [C, H, W]. */
export function firstChannel(map: Tensor<"float32">): Tensor<"float32"> {
  const dims = map.dims.slice(1);
  return tensor("float32", dims, map.data.subarray(0, map.data.length / map.dims[0]!));
}
