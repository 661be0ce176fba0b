import { type FilePath, type FileSource, readFile, VoxplainError } from "@voxplain/core";
import { type Atlas, openAtlas } from "../viewer/atlas.ts";

/** An atlas from picked files: the NIfTI, and the table of names where there is one. */
export async function atlasFrom(files: FileSource, paths: readonly FilePath[]): Promise<Atlas> {
  const volume = paths.find((path) => /\.nii(\.gz)?$/i.test(path));
  if (volume === undefined) {
    throw new VoxplainError(
      "invalid-argument",
      `there is no NIfTI among ${paths.join(", ")}: pick the atlas as .nii or .nii.gz, and with it its .tsv of names`,
    );
  }
  const names = paths.find((path) => /\.(tsv|txt|csv)$/i.test(path));
  return openAtlas(files, volume, names === undefined ? undefined : await readFile(files, names));
}
