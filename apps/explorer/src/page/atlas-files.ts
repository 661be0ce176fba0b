import { isVolumeName } from "@voxplain/caps-io";
import { type FilePath, type FileSource, readFile, VoxplainError } from "@voxplain/core";
import { type Atlas, openAtlas } from "../viewer/atlas.ts";

/** An atlas from picked files: the volume, and the table of names where there is one. */
export async function atlasFrom(files: FileSource, paths: readonly FilePath[]): Promise<Atlas> {
  const volume = paths.find((path) => isVolumeName(path));
  if (volume === undefined) {
    throw new VoxplainError(
      "invalid-argument",
      `there is no volume among ${paths.join(", ")}: pick the atlas as .nii, .nii.gz or .mgz, and with it its .tsv of names`,
    );
  }
  const names = paths.find((path) => /\.(tsv|txt|csv)$/i.test(path));
  return openAtlas(files, volume, names === undefined ? undefined : await readFile(files, names));
}
