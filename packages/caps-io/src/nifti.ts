import { bytesPerElement, elementCount, type FilePath, type FileSource, VoxplainError } from "@voxplain/core";
import { gunzip, gunzipStart, isGzip } from "./gunzip.ts";
import type { NiftiGeometry } from "./nifti-header.ts";
import { mostVoxels, rowMajor, storedValues } from "./nifti-voxels.ts";

/** A NIfTI image as nibabel gives it: `data` row-major over [X, Y, Z] (z fastest), scaled, NaN as 0. */
export interface NiftiImage extends NiftiGeometry {
  /** Scaled values, row-major: Z varies fastest. */
  readonly data: Float32Array;
}

/** Enough of a .nii.gz for its header, whatever stands in front of that. */
const startBytes = 2 ** 16;

/**
 * Reads a .nii or .nii.gz file, NIfTI-1 or -2, of either byte order.
 * @throws VoxplainError `invalid-file` naming the file; `unsupported` for several volumes, colours and complex numbers.
 */
export async function readNifti(bytes: Uint8Array, name: string): Promise<NiftiImage> {
  const { volumes: _, ...image } = await readVolumes(bytes, name, 1);
  return image;
}

/**
 * As `readNifti`, of a file that may hold several volumes: `data` is row-major over [volumes, X, Y, Z].
 * @throws VoxplainError as `readNifti`; `unsupported` for more than `most` volumes.
 */
export async function readVolumes(
  bytes: Uint8Array,
  name: string,
  most: number,
): Promise<NiftiImage & { readonly volumes: number }> {
  const { geometry, volumes, dtype, littleEndian, scaling, offset } = await headerOf(bytes, name);
  if (volumes > most) throw severalVolumes(name, volumes, most);
  const size = elementCount(geometry.shape);
  if (volumes * size > mostVoxels) {
    throw new VoxplainError(
      "invalid-file",
      `${name} claims ${volumes} volumes of ${size} voxels, which no image has`,
    );
  }
  const length = volumes * size * bytesPerElement(dtype);
  const content = isGzip(bytes) ? await gunzip(bytes, offset + length, name) : bytes;
  if (content.byteLength < offset + length) {
    throw new VoxplainError(
      "invalid-file",
      `${name} is truncated: an image of ${[...geometry.shape, ...(volumes > 1 ? [volumes] : [])].join("×")} voxels needs ${offset + length} bytes, it has ${content.byteLength}`,
    );
  }
  const each = length / volumes;
  const data = Array.from({ length: volumes }, (_, k) => {
    const own = content.subarray(offset + k * each, offset + (k + 1) * each);
    return rowMajor(storedValues(dtype, own, littleEndian), geometry.shape, scaling);
  });
  return { data: volumes === 1 ? data[0]! : joined(data, size), volumes, ...geometry };
}

function joined(parts: readonly Float32Array[], size: number): Float32Array {
  const all = new Float32Array(parts.length * size);
  for (const [k, part] of parts.entries()) all.set(part, k * size);
  return all;
}

function severalVolumes(name: string, volumes: number, most: number): VoxplainError {
  const wanted = most === 1 ? "an image is one volume" : `an image has at most ${most} channels`;
  return new VoxplainError("unsupported", `${name} holds ${volumes} volumes; ${wanted}`);
}

/**
 * Shape and affine of a NIfTI file. Only its beginning is read.
 * @throws VoxplainError `not-found`, or as `readNifti`.
 */
export async function readAffine(source: FileSource, path: FilePath): Promise<NiftiGeometry> {
  const { geometry, volumes } = await readGrid(source, path);
  if (volumes > 1) throw severalVolumes(`${source.name}/${path}`, volumes, 1);
  return geometry;
}

/** As `readAffine`, of a file that may hold several volumes. */
export async function readGrid(
  source: FileSource,
  path: FilePath,
): Promise<{ readonly geometry: NiftiGeometry; readonly volumes: number }> {
  const name = `${source.name}/${path}`;
  const reader = await source.open(path);
  if (reader === undefined) throw new VoxplainError("not-found", `there is no file ${name}`);
  const bytes = await reader.read(0, Math.min(reader.byteLength, startBytes));
  return headerOf(bytes, name);
}

/** The reader of headers is loaded when there is one to read: most cohorts are tensors. */
async function headerOf(bytes: Uint8Array, name: string) {
  const { headerBytes, parseHeader } = await import("./nifti-header.ts");
  const start = isGzip(bytes) ? await gunzipStart(bytes, headerBytes, name) : bytes.subarray(0, headerBytes);
  return parseHeader(start, name);
}
