import type { FilePath } from "@voxplain/core";
import type { ImageInput } from "./image-input.ts";
import type { CapsFiles } from "./located-image.ts";
import { extractedFiles, readExtracted } from "./read-extracted.ts";
import { readFromImage } from "./read-from-image.ts";
import type { TransformOptions } from "./transform-part.ts";

/** Reads a session's parts from files of their own where it has some, else from its image. */
export async function readFiles(files: CapsFiles, options: TransformOptions): Promise<ImageInput> {
  const { extracted, image, settings } = files;
  // What is drawn below the maps of slices that have no image: their values before the transforms.
  const keepOriginal = options.keepOriginal || (settings.mode === "slice" && image === undefined);
  if (extracted) return readExtracted(files, extracted, { ...options, keepOriginal });
  if (image) return readFromImage(files, image, options);
  throw new RangeError("a located session has an image or extracted parts");
}

/** The files that `readFiles` makes inputs from. */
export async function filesOf(files: CapsFiles): Promise<readonly FilePath[]> {
  const { extracted, image } = files;
  if (extracted) return extractedFiles(files, extracted);
  if (image) return [image.path];
  throw new RangeError("a located session has an image or extracted parts");
}
