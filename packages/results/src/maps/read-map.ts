import { decodeMap, readMapGeometry } from "@voxplain/caps-io";
import {
  decodeNpy,
  type FileSource,
  firstChannel,
  float32Values,
  identityAffine,
  knownPosition,
  readFile,
  tensor,
  type Volume,
  VoxplainError,
} from "@voxplain/core";

/** A volume in a file of a result: values that are missing stay NaN. */
export async function volumeIn(source: FileSource, below: string): Promise<Volume> {
  if ((await source.open(below)) === undefined) {
    throw new VoxplainError("not-found", "the file is missing", {
      file: `${source.name}/${below}`,
      hint: "the result is incomplete: run its command again (--overwrite)",
    });
  }
  const { shape, affine } = await readMapGeometry(source, below);
  const data = await decodeMap(await readFile(source, below), below, `${source.name}/${below}`);
  return { data, shape, affine: knownPosition(affine) ?? identityAffine };
}

/** A volume, if the file is there. */
export async function volumeIfThere(source: FileSource, below: string): Promise<Volume | undefined> {
  return (await source.open(below)) === undefined ? undefined : volumeIn(source, below);
}

/** The first channel of a 2D map: [H, W]; undefined where the array has other axes. */
export async function planeIn(source: FileSource, below: string) {
  const stored = decodeNpy(await readFile(source, below), `${source.name}/${below}`);
  const map = tensor("float32", stored.dims, float32Values(stored));
  const first = map.dims.length === 3 ? firstChannel(map) : map;
  return first.dims.length === 2 ? first : undefined;
}
