import { bytesPerElement, elementCount, type FilePath, type FileSource, VoxplainError } from "@voxplain/core";
import { gunzip, gunzipStart, isGzip } from "./gunzip.ts";
import type { NiftiGeometry } from "./nifti-header.ts";
import { rowMajor, storedValues } from "./nifti-voxels.ts";

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
  const { geometry, dtype, littleEndian, scaling, offset } = await headerOf(bytes, name);
  const length = elementCount(geometry.shape) * bytesPerElement(dtype);
  const content = isGzip(bytes) ? await gunzip(bytes, offset + length, name) : bytes;
  if (content.byteLength < offset + length) {
    throw new VoxplainError(
      "invalid-file",
      `${name} is truncated: an image of ${geometry.shape.join("×")} voxels needs ${offset + length} bytes, it has ${content.byteLength}`,
    );
  }
  const stored = storedValues(dtype, content.subarray(offset, offset + length), littleEndian);
  return { data: rowMajor(stored, geometry.shape, scaling), ...geometry };
}

/**
 * Shape and affine of a NIfTI file. Only its beginning is read.
 * @throws VoxplainError `not-found`, or as `readNifti`.
 */
export async function readAffine(source: FileSource, path: FilePath): Promise<NiftiGeometry> {
  const name = `${source.name}/${path}`;
  const reader = await source.open(path);
  if (reader === undefined) throw new VoxplainError("not-found", `there is no file ${name}`);
  const bytes = await reader.read(0, Math.min(reader.byteLength, startBytes));
  return (await headerOf(bytes, name)).geometry;
}

/** The reader of headers is loaded when there is one to read: most cohorts are tensors. */
async function headerOf(bytes: Uint8Array, name: string) {
  const { headerBytes, parseHeader } = await import("./nifti-header.ts");
  const start = isGzip(bytes)
    ? await gunzipStart(bytes.subarray(0, startBytes), headerBytes, name)
    : bytes.subarray(0, headerBytes);
  return parseHeader(start, name);
}
