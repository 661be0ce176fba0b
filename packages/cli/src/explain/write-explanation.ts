import type { Volume } from "@voxplain/core";
import { type Affine, identityAffine, type Tensor, tensor } from "@voxplain/core";
import { encodeNpy } from "@voxplain/writers";
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
 * Writes <name>.npy, all channels; <name>.png, the map over the image, channels summed; and of volumes
 * <name>.nii.gz, the first channel, with the image's affine.
 */
export async function writeExplanation(files: RecordedFiles, explanation: Explanation): Promise<void> {
  const { name, map, input, affine = identityAffine, title, vmax } = explanation;
  const { renderOverlay2d, renderPlanes } = await import("@voxplain/writers/pictures");
  const options = { title, ...(vmax !== undefined && { vmax }) };
  await files.write(`${name}.npy`, encodeNpy(map), map.data);
  if (map.dims.length === 3) {
    await files.write(`${name}.png`, await renderOverlay2d(map, input, options));
    return;
  }
  const volume = firstVolume(map, affine);
  await writeNifti(files, name, volume);
  await files.write(`${name}.png`, await renderPlanes(volume, firstVolume(input, affine), options));
}

function firstVolume({ dims, data }: Tensor<"float32">, affine: Affine): Volume {
  const shape = dims.slice(1) as unknown as Volume["shape"];
  const size = shape.reduce((count, length) => count * length, 1);
  return { data: tensor("float32", shape, data.subarray(0, size)).data, shape, affine };
}
