import { type Affine, encodeNpy, identityAffine, mapVolume, type Tensor } from "@voxplain/core";
import { writeNifti } from "../interpret/map-files.ts";
import type { RecordedFiles } from "../job/recorded-files.ts";

export interface Explanation {
  /** What its files are called. */
  readonly name: string;
  /** [C, X, Y, Z] or [C, H, W]; one channel of methods that have none of their own. */
  readonly map: Tensor<"float32">;
  /** What the network saw, of the same axes. */
  readonly input: Tensor<"float32">;
  readonly affine: Affine | undefined;
  readonly title: string;
  readonly vmax: number | undefined;
}

/**
 * Writes <name>.npy, all channels; <name>.png, the map over the image; and of volumes and of slices from a NIfTI
 * <name>.nii.gz, with the image's affine. Channels of the map are summed in both.
 */
export async function writeExplanation(files: RecordedFiles, explanation: Explanation): Promise<void> {
  const { name, map, input, title, vmax } = explanation;
  const { affine = identityAffine } = explanation;
  const { renderOverlay2d, renderPlanes } = await import("@voxplain/writers/pictures");
  const options = { title, ...(vmax !== undefined && { vmax }) };
  await files.write(`${name}.npy`, encodeNpy(map), map.data);
  if (map.dims.length === 3) {
    await files.write(`${name}.png`, await renderOverlay2d(map, input, options));
    if (explanation.affine !== undefined) await writeNifti(files, name, mapVolume(map, affine), explanation);
    return;
  }
  const volume = mapVolume(map, affine);
  await writeNifti(files, name, volume, explanation);
  await files.write(`${name}.png`, await renderPlanes(volume, mapVolume(input, affine), options));
}
