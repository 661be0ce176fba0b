import { mapVolume } from "@voxplain/core";
import type { ExplainedImage } from "@voxplain/study";
import type { RecordedFiles } from "../records/recorded-files.ts";
import { type MapForms, writeMap } from "./write-map.ts";

/** How the map of an image in a file of its own is written. */
export interface ExplanationOptions {
  /** What its files are called, without their endings. */
  readonly name: string;
  /** The line above the picture. */
  readonly title: string;
  /** End of the colour scale; default: the 99.9th percentile of |map|. */
  readonly vmax?: number | undefined;
}

/**
 * Writes <name>.npy, all channels; <name>.png, the map over the image; and for volumes and slices from a NIfTI
 * <name>.nii.gz, with the image's affine. Channels of the map are summed in both.
 */
export function writeExplanation(
  files: RecordedFiles,
  image: ExplainedImage,
  { name, title, vmax }: ExplanationOptions,
): Promise<void> {
  return writeMap(files, name, formsOf(image, { title, ...(vmax !== undefined && { vmax }) }), image);
}

function formsOf(
  { map, volume, parts, affine }: ExplainedImage,
  options: { readonly title: string; readonly vmax?: number },
): MapForms {
  const [first] = parts;
  if (first === undefined) throw new RangeError("an image has at least one part");
  const { input } = first.part;
  if (map.dims.length === 3) {
    return {
      stored: map,
      ...(affine !== undefined && { volume }),
      picture: { ending: "png", draw: ({ renderOverlay2d }) => renderOverlay2d(map, input, options) },
    };
  }
  const under = mapVolume(input, volume.affine);
  return {
    ...{ stored: map, volume },
    picture: { ending: "png", draw: ({ renderPlanes }) => renderPlanes(volume, under, options) },
  };
}
