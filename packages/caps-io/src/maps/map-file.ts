import {
  decodeNpy,
  type FilePath,
  type FileSource,
  float32Values,
  npyHeaderBytes,
  readNpyHeader,
  VoxplainError,
} from "@voxplain/core";
import { isVolumeName, noImageName } from "../volumes/image-file.ts";
import { readVolumes, readWholeHeader } from "../volumes/nifti.ts";
import type { NiftiGeometry } from "../volumes/nifti-header.ts";

/** Where the voxels of a map are, from its header. */
export interface MapGeometry extends NiftiGeometry {
  /** The file, for messages. */
  readonly name: string;
}

/**
 * The grid of a map in a file: a NIfTI or MGH image of one volume, or the `.npy` of a job, [1, X, Y, Z]. Only the
 * beginning of the file is read.
 * @throws VoxplainError naming the file: `not-found`; `invalid-file` when it is damaged; `unsupported` for 2D maps, several volumes
 * and other formats.
 */
export async function readMapGeometry(source: FileSource, path: FilePath): Promise<MapGeometry> {
  const name = `${source.name}/${path}`;
  if (isVolumeName(path)) {
    const { geometry } = await readWholeHeader(source, path, { most: 1 });
    return { name, ...geometry, shape: threeAxes(geometry.shape, name) };
  }
  if (!isNpy(path)) throw new VoxplainError("unsupported", noImageName(name));
  const reader = await source.open(path);
  if (reader === undefined) throw new VoxplainError("not-found", "there is no such file", { file: name });
  const start = await reader.read(0, Math.min(reader.byteLength, npyHeaderBytes));
  const { dims } = readNpyHeader(start, reader.byteLength, name);
  // Three axes are one channel and two of a plane.
  const [channels, ...axes] = dims;
  return { name, shape: threeAxes(channels === 1 ? axes : dims, name), warnings: [] };
}

/**
 * The values of such a map, row-major over [X, Y, Z] (z fastest). NaN and ±∞ stay, which `readImageFile` would make 0: they are
 * voxels without a value.
 * @param path - For the kind of the file.
 * @throws VoxplainError as `readMapGeometry`.
 */
export async function decodeMap(bytes: Uint8Array, path: FilePath, name: string): Promise<Float32Array> {
  if (isVolumeName(path)) return (await readVolumes(bytes, name, 1, Number.NaN)).data;
  return float32Values(decodeNpy(bytes, name));
}

function isNpy(path: FilePath): boolean {
  return path.toLowerCase().endsWith(".npy");
}

function threeAxes(dims: readonly number[], name: string): readonly [number, number, number] {
  const [x, y, z, ...more] = dims;
  if (x !== undefined && y !== undefined && z !== undefined && z > 1 && more.length === 0) return [x, y, z];
  throw new VoxplainError("unsupported", "only maps of volumes can be analysed", {
    file: name,
    expected: "3 axes",
    found: `[${dims.join(", ")}]`,
  });
}
