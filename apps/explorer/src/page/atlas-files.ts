import { isVolumeName, readRegionNames } from "@voxplain/caps-io";
import { type FilePath, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import { type Atlas, openAtlas } from "../viewer/atlas.ts";

/** Names of regions are in files with these endings. */
const tables = /\.(tsv|csv|txt|xml|ctbl|lut)$/i;

/** An atlas from picked files: the image of labels, and the file of names where there is one. */
export async function atlasFrom(files: FileSource, paths: readonly FilePath[]): Promise<Atlas> {
  const volume = paths.find((path) => isVolumeName(path));
  if (volume === undefined) {
    throw new VoxplainError("invalid-argument", `there is no image of labels among ${paths.join(", ")}`, {
      hint: "pick the atlas as .nii, .nii.gz or .mgz, and with it the file with the names of its regions",
    });
  }
  const names = paths.find((path) => tables.test(path));
  return openAtlas(
    { source: files, below: volume },
    names === undefined ? undefined : { source: files, below: names },
  );
}

/**
 * The files of an atlas that was dropped: an image together with a file that names regions, or an image whose name says it
 * (BIDS: `_dseg`); undefined for anything else.
 */
export async function droppedAtlas(files: FileSource): Promise<readonly FilePath[] | undefined> {
  const entries = (await files.list("")) ?? [];
  const paths = entries.flatMap(({ name, kind }) => (kind === "file" ? name : []));
  const [first, second, ...others] = paths;
  if (first === undefined || entries.length !== paths.length || others.length > 0) return undefined;
  const volumes = paths.filter((path) => isVolumeName(path));
  if (second === undefined) return /_dseg\.nii(\.gz)?$/i.test(first) ? paths : undefined;
  const names = paths.find((path) => tables.test(path));
  if (volumes.length !== 1 || names === undefined) return undefined;
  try {
    await readRegionNames({ source: files, below: names });
    return paths;
  } catch (error) {
    if (isVoxplainError(error)) return undefined;
    throw error;
  }
}
