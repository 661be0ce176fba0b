import { basename } from "node:path";
import { type ImageFile, imageEnding, noImageName, readImageFile } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import { fileAt } from "@voxplain/study/node";

/** An image that is to be explained, as it is stored. */
export interface StoredImage extends ImageFile {
  readonly path: string;
}

/** What the results of an image are called. @throws VoxplainError `invalid-argument` for an unknown format. */
export function imageName(path: string): string {
  const file = basename(path);
  const ending = imageEnding(file);
  if (ending !== undefined && file.length > ending.length) return file.slice(0, -ending.length);
  throw new VoxplainError("invalid-argument", noImageName(path));
}

/** @throws VoxplainError naming the file when it is not there, is damaged or holds NaN or infinite values. */
export async function readStoredImage(path: string): Promise<StoredImage> {
  const { source, below, path: absolute } = fileAt(path, "image");
  const content = await readImageFile(source, below);
  const broken = content.values.data.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
  if (broken === 0) return { path: absolute, ...content };
  throw new VoxplainError(
    "invalid-file",
    `${absolute}: ${broken} of ${content.values.data.length} values are NaN or infinite; no network can read such an image`,
  );
}
