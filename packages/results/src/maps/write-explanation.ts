import { encodeNpy, mapVolume } from "@voxplain/core";
import type { ExplainedImage } from "@voxplain/study";
import { writeNifti } from "../interpret/map-files.ts";
import type { RecordedFiles } from "../job/recorded-files.ts";
import type { Warnings } from "../job/warnings.ts";

export interface ExplanationFiles {
  /** What its files are called. */
  readonly name: string;
  readonly title: string;
  readonly vmax: number | undefined;
  readonly warnings: Warnings;
}

/**
 * Writes <name>.npy, all channels; <name>.png, the map over the image; and for volumes and slices from a NIfTI
 * <name>.nii.gz, with the image's affine. Channels of the map are summed in both.
 */
export async function writeExplanation(
  files: RecordedFiles,
  { map, volume, parts, affine }: ExplainedImage,
  { name, title, vmax, warnings }: ExplanationFiles,
): Promise<void> {
  const [first] = parts;
  if (first === undefined) throw new RangeError("an image has at least one part");
  const { input } = first.part;
  const { renderOverlay2d, renderPlanes } = await import("@voxplain/writers/pictures");
  const options = { title, ...(vmax !== undefined && { vmax }) };
  await files.write(`${name}.npy`, encodeNpy(map), map.data);
  if (map.dims.length === 3) {
    await files.write(`${name}.png`, await renderOverlay2d(map, input, options));
    if (affine !== undefined) await writeNifti(files, name, volume, { affine });
    return;
  }
  if (affine === undefined) {
    warnings.add(
      `the position of the voxels of ${name} is unknown: its map gets the identity as its affine; ` +
        "name an image on the same grid (--nifti_template_path)",
    );
  }
  await writeNifti(files, name, volume, { affine });
  await files.write(`${name}.png`, await renderPlanes(volume, mapVolume(input, volume.affine), options));
}
