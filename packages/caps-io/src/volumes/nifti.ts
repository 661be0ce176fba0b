import {
  bytesPerElement,
  elementAt,
  elementCount,
  type FilePath,
  type FileSource,
  memoryFor,
  VoxplainError,
} from "@voxplain/core";
import { gunzip, gunzipStart, isGzip } from "./gunzip.ts";
import { isMghName, parseMghHeader } from "./mgh-header.ts";
import type { NiftiGeometry, VolumeHeader } from "./nifti-header.ts";
import { mostVoxels, rowMajor, storedValues } from "./nifti-voxels.ts";

/** A NIfTI or MGH image as nibabel gives it: `data` row-major over [X, Y, Z] (z fastest), scaled, NaN as 0. */
export interface NiftiImage extends NiftiGeometry {
  /** Scaled values, row-major: Z varies fastest. */
  readonly data: Float32Array;
  /** How many of them were NaN in the file. */
  readonly notANumber: number;
}

/** Enough of a .nii.gz for its header, whatever stands in front of that. */
const startBytes = 2 ** 16;

/**
 * Reads a .nii or .nii.gz file, NIfTI-1 or -2, of either byte order; by its name, an .mgz or .mgh file of FreeSurfer.
 * @throws VoxplainError `invalid-file` naming the file; `unsupported` for several volumes, colours and complex numbers.
 */
export async function readNifti(bytes: Uint8Array, name: string): Promise<NiftiImage> {
  const { volumes: _, ...image } = await readVolumes(bytes, name, 1);
  return image;
}

/**
 * As `readNifti`, of a file that may hold several volumes: `data` is row-major over [volumes, X, Y, Z].
 * @param missing - What NaN becomes.
 * @throws VoxplainError as `readNifti`; `unsupported` for more than `most` volumes.
 */
export async function readVolumes(
  bytes: Uint8Array,
  name: string,
  most: number,
  missing = 0,
): Promise<NiftiImage & { readonly volumes: number }> {
  const header = await headerOf(bytes, name);
  const { geometry, volumes, dtype, littleEndian, scaling, offset } = header;
  if (volumes > most) throw severalVolumes(name, volumes, most);
  const size = elementCount(geometry.shape);
  if (volumes * size > mostVoxels) {
    throw new VoxplainError(
      "invalid-file",
      `it claims ${volumes} volumes of ${size} voxels, which no image has`,
      { file: name },
    );
  }
  const length = lengthOf(header);
  const content = isGzip(bytes) ? await gunzip(bytes, offset + length, name) : bytes;
  checkLength(header, content.byteLength, name);
  const each = length / volumes;
  const read = Array.from({ length: volumes }, (_, k) => {
    const own = content.subarray(offset + k * each, offset + (k + 1) * each);
    return rowMajor(storedValues(dtype, own, littleEndian), geometry.shape, scaling, missing, name);
  });
  const data = volumes === 1 ? elementAt(read, 0).data : joined(read, size, name);
  const notANumber = read.reduce((sum, volume) => sum + volume.notANumber, 0);
  return { data, notANumber, volumes, ...geometry };
}

/** Bytes of all voxels. */
function lengthOf({ geometry, volumes, dtype }: VolumeHeader): number {
  return volumes * elementCount(geometry.shape) * bytesPerElement(dtype);
}

/** @throws VoxplainError `invalid-file` for content that ends before its last voxel. */
function checkLength(header: VolumeHeader, byteLength: number, name: string): void {
  const { geometry, volumes, offset } = header;
  const needed = offset + lengthOf(header);
  if (byteLength >= needed) return;
  const shape = [...geometry.shape, ...(volumes > 1 ? [volumes] : [])].join("×");
  throw new VoxplainError("invalid-file", `the image of ${shape} voxels is truncated`, {
    file: name,
    expected: `${needed} bytes`,
    found: String(byteLength),
  });
}

function joined(volumes: readonly Pick<NiftiImage, "data">[], size: number, name: string): Float32Array {
  const all = new Float32Array(memoryFor(4 * volumes.length * size, name));
  for (const [k, { data }] of volumes.entries()) all.set(data, k * size);
  return all;
}

function severalVolumes(name: string, volumes: number, most: number): VoxplainError {
  return new VoxplainError("unsupported", "the NIfTI file has too many volumes", {
    file: name,
    expected: most === 1 ? "1" : `at most ${most} channels`,
    found: String(volumes),
  });
}

/**
 * Shape and affine of a NIfTI or MGH file. Only its beginning is read.
 * @throws VoxplainError `not-found`, or as `readNifti`.
 */
export async function readAffine(source: FileSource, path: FilePath): Promise<NiftiGeometry> {
  const { geometry, volumes } = (await readStart(source, path)).header;
  if (volumes > 1) throw severalVolumes(`${source.name}/${path}`, volumes, 1);
  return geometry;
}

/**
 * As `readAffine`, of an image whose voxels are needed too.
 * @throws VoxplainError `invalid-file` also for a file without compression that ends before its last voxel.
 */
export async function readWholeGrid(
  source: FileSource,
  path: FilePath,
  { most }: { readonly most: number },
): Promise<NiftiGeometry> {
  return (await readWholeHeader(source, path, { most })).geometry;
}

/** As `readWholeGrid`, with the number of volumes. */
export async function readWholeHeader(
  source: FileSource,
  path: FilePath,
  { most }: { readonly most: number },
): Promise<Pick<VolumeHeader, "geometry" | "volumes">> {
  const name = `${source.name}/${path}`;
  const { header, wholeLength } = await readStart(source, path);
  if (header.volumes > most) throw severalVolumes(name, header.volumes, most);
  if (wholeLength !== undefined) checkLength(header, wholeLength, name);
  return header;
}

/** The header, and how long the content is where that is known without unpacking it. */
async function readStart(
  source: FileSource,
  path: FilePath,
): Promise<{ readonly header: VolumeHeader; readonly wholeLength: number | undefined }> {
  const name = `${source.name}/${path}`;
  const reader = await source.open(path);
  if (reader === undefined) throw new VoxplainError("not-found", "there is no such file", { file: name });
  const bytes = await reader.read(0, Math.min(reader.byteLength, startBytes));
  const header = await headerOf(bytes, name);
  return { header, wholeLength: isGzip(bytes) ? undefined : reader.byteLength };
}

/** The reader of headers is loaded when there is one to read: most cohorts are tensors. */
async function headerOf(bytes: Uint8Array, name: string) {
  const { headerBytes, parseHeader } = await import("./nifti-header.ts");
  const start = isGzip(bytes) ? await gunzipStart(bytes, headerBytes, name) : bytes.subarray(0, headerBytes);
  return isMghName(name) ? parseMghHeader(start, name) : parseHeader(start, name);
}
