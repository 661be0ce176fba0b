import {
  type CapsImages,
  type FilePath,
  type FileSource,
  joinPath,
  VoxplainError,
  withEscapes,
} from "@voxplain/core";
import { layoutOf } from "../caps/layout.ts";
import { globPattern } from "../glob.ts";

/** Names come from a model's file and become names of files, or patterns for them, in which * and ? are not themselves. */
export function checkRegionName(images: CapsImages, name: string): void {
  const isSafe = name !== "" && !/[/\\]/.test(name) && withEscapes(name) === name;
  if (isSafe && !(namedByPattern(images) && /[*?]/.test(name))) return;
  throw new VoxplainError(
    "unsafe-file",
    `${JSON.stringify(name)} cannot be the name of a region of interest`,
  );
}

/** What a mask is needed for: to cut a region out of an image, or to place one that was extracted with it. */
export type MaskUse = "cut" | "place";

/**
 * The mask of a region: of ClinicaDL 0.2 the one file that has its name; of 1.x the first, by name, of several. Undefined
 * where the CAPS has none.
 * @throws VoxplainError `unsupported` for a preprocessing without masks, `unsafe-file` for a name that would lead elsewhere.
 */
export async function findMask(
  caps: FileSource,
  images: CapsImages,
  name: string,
  use: MaskUse,
): Promise<FilePath | undefined> {
  const path = maskPath(images, name);
  if (!namedByPattern(images)) return (await caps.open(path)) === undefined ? undefined : path;
  const slash = path.lastIndexOf("/");
  const pattern = globPattern(path.slice(slash + 1), "");
  const [first] = ((await caps.list(path.slice(0, slash))) ?? [])
    .filter((entry) => entry.kind === "file" && pattern.test(entry.name) && isUsed(entry.name, images, use))
    .map((entry) => entry.name)
    .sort();
  return first && `${path.slice(0, slash)}/${first}`;
}

/** On the fly 1.x takes masks for cropped images whatever the images are; for extraction those that fit the images. */
function isUsed(mask: string, { preprocessing, uncropped = false }: CapsImages, use: MaskUse): boolean {
  if (use === "place" && preprocessing === "custom") return true;
  return mask.includes("_desc-Crop_") !== (use === "place" && uncropped);
}

/**
 * Where the mask of a region is; of ClinicaDL 1.x with a pattern for its name.
 * @throws VoxplainError as `findMask`.
 */
export function maskPath(images: CapsImages, name: string): FilePath {
  const { template, maskPattern = "" } = layoutOf(images);
  if (template === undefined) throw noTemplate(images);
  checkRegionName(images, name);
  if (namedByPattern(images))
    return joinPath(`masks/tpl-${template}`, `*${maskPattern}*_roi-${name}_mask.nii*`);
  const file = `tpl-${template}${maskPattern}_roi-${name}_mask.nii.gz`;
  return joinPath("masks/roi_based", `tpl-${template}`, file);
}

function namedByPattern({ generation, preprocessing }: CapsImages): boolean {
  return generation === "1.x" || preprocessing === "custom";
}

function noTemplate({ preprocessing }: CapsImages): VoxplainError {
  return new VoxplainError(
    "unsupported",
    `images of ${preprocessing} have no regions of interest`,
    preprocessing === "custom" ? { hint: 'the model must name their template ("roi_custom_template")' } : {},
  );
}
