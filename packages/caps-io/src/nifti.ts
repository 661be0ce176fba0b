import {
  type Affine,
  elementCount,
  type FilePath,
  type FileSource,
  readFile,
  VoxplainError,
} from "@voxplain/core";
import { NIFTI1, readHeader } from "nifti-reader-js";
import { gunzip, isGzip } from "./gunzip.ts";
import { affineOfHeader } from "./nifti-affine.ts";

/** A NIfTI image as nibabel gives it: `data` row-major over [X, Y, Z] (z fastest), scaled, NaN as 0. */
export interface NiftiImage {
  readonly data: Float32Array;
  readonly shape: readonly number[];
  readonly affine: Affine;
}

export interface NiftiGeometry {
  readonly shape: readonly number[];
  readonly affine: Affine;
}

type Header = ReturnType<typeof readHeader>;

/** NIfTI-2 headers have 540 bytes; extensions follow. */
const headerBytes = 544;
/** Larger than any brain: 2048 voxels along each axis. */
const mostVoxels = 2 ** 33;

/**
 * Reads a .nii or .nii.gz file, NIfTI-1 or -2, of either byte order.
 * @throws VoxplainError `invalid-file` naming the file; `unsupported` for colours and complex numbers.
 */
export async function readNifti(bytes: Uint8Array, name: string): Promise<NiftiImage> {
  const start = await decompressed(bytes, headerBytes, name);
  const header = parseHeader(start, name);
  const geometry = geometryOf(header, start, name);
  const { get, byteLength } = valueReader(header.datatypeCode, header.littleEndian, name);
  const voxels = elementCount(geometry.shape);
  const end = header.vox_offset + voxels * byteLength;
  const content = await decompressed(bytes, end, name);
  if (content.byteLength < end) {
    throw new VoxplainError(
      "invalid-file",
      `${name} is truncated: an image of ${geometry.shape.join("×")} voxels needs ${end} bytes, it has ${content.byteLength}`,
    );
  }
  const view = new DataView(content.buffer, content.byteOffset + header.vox_offset, voxels * byteLength);
  return { data: rowMajor(view, geometry.shape, get, byteLength, scalingOf(header)), ...geometry };
}

/** Shape and affine of a NIfTI file; the image itself is not decompressed. */
export async function readAffine(source: FileSource, path: FilePath): Promise<NiftiGeometry> {
  const name = `${source.name}/${path}`;
  const start = await decompressed(await readFile(source, path), headerBytes, name);
  return geometryOf(parseHeader(start, name), start, name);
}

async function decompressed(bytes: Uint8Array, length: number, name: string): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes.subarray(0, length);
  return gunzip(bytes, length, name);
}

function parseHeader(start: Uint8Array, name: string): Header {
  const buffer = start.slice().buffer;
  let header: Header | null;
  try {
    header = readHeader(buffer);
  } catch (cause) {
    throw new VoxplainError("invalid-file", `${name} is no NIfTI image, or a damaged one`, { cause });
  }
  if (header === null) throw new VoxplainError("invalid-file", `${name} is no NIfTI image`);
  if (!(header.vox_offset >= 0 && Number.isSafeInteger(header.vox_offset))) {
    throw new VoxplainError(
      "invalid-file",
      `${name} is a damaged NIfTI image: its data start at ${header.vox_offset}`,
    );
  }
  return header;
}

/** Axes of length 1 behind the third are dropped: one volume is an image, several are not. */
function geometryOf(header: Header, start: Uint8Array, name: string): NiftiGeometry {
  const rank = header.dims[0]!;
  const dims = header.dims.slice(1, 1 + rank);
  if (!(rank >= 1 && rank <= 7) || !dims.every((length) => Number.isInteger(length) && length > 0)) {
    throw new VoxplainError(
      "invalid-file",
      `${name} is a damaged NIfTI image: its dimensions are ${header.dims.join(", ")}`,
    );
  }
  if (elementCount(dims) > mostVoxels) {
    throw new VoxplainError("invalid-file", `${name} claims ${dims.join("×")} voxels, which no image has`);
  }
  if (elementCount(dims.slice(3)) > 1) {
    throw new VoxplainError(
      "unsupported",
      `${name} holds ${elementCount(dims.slice(3))} volumes; one is needed`,
    );
  }
  const shape = [...dims, 1, 1].slice(0, Math.max(3, Math.min(dims.length, 3)));
  return { shape, affine: affineOfHeader(header, start, shape) };
}

interface Scaling {
  readonly slope: number;
  readonly intercept: number;
}

/** A slope of 0, NaN or infinity means that there is none. NIfTI-1 standard, "scl_slope". */
function scalingOf({ scl_slope: slope, scl_inter: intercept }: Header): Scaling {
  if (slope === 0 || !Number.isFinite(slope)) return { slope: 1, intercept: 0 };
  return { slope, intercept: Number.isFinite(intercept) ? intercept : 0 };
}

type Get = (view: DataView, at: number) => number;

function valueReader(code: number, littleEndian: boolean, name: string): { get: Get; byteLength: number } {
  const little = littleEndian;
  const readers: Readonly<Record<number, { get: Get; byteLength: number }>> = {
    [NIFTI1.TYPE_UINT8]: { get: (view, at) => view.getUint8(at), byteLength: 1 },
    [NIFTI1.TYPE_INT8]: { get: (view, at) => view.getInt8(at), byteLength: 1 },
    [NIFTI1.TYPE_INT16]: { get: (view, at) => view.getInt16(at, little), byteLength: 2 },
    [NIFTI1.TYPE_UINT16]: { get: (view, at) => view.getUint16(at, little), byteLength: 2 },
    [NIFTI1.TYPE_INT32]: { get: (view, at) => view.getInt32(at, little), byteLength: 4 },
    [NIFTI1.TYPE_UINT32]: { get: (view, at) => view.getUint32(at, little), byteLength: 4 },
    [NIFTI1.TYPE_INT64]: { get: (view, at) => Number(view.getBigInt64(at, little)), byteLength: 8 },
    [NIFTI1.TYPE_UINT64]: { get: (view, at) => Number(view.getBigUint64(at, little)), byteLength: 8 },
    [NIFTI1.TYPE_FLOAT32]: { get: (view, at) => view.getFloat32(at, little), byteLength: 4 },
    [NIFTI1.TYPE_FLOAT64]: { get: (view, at) => view.getFloat64(at, little), byteLength: 8 },
  };
  const reader = readers[code];
  if (reader === undefined) {
    throw new VoxplainError(
      "unsupported",
      `${name} holds voxels of the NIfTI data type ${code}, which is not supported`,
    );
  }
  return reader;
}

/** From x fastest, as on disk, to z fastest, scaled in float64 and rounded to float32 once. */
function rowMajor(
  view: DataView,
  shape: readonly number[],
  get: Get,
  byteLength: number,
  { slope, intercept }: Scaling,
): Float32Array {
  const [sizeX, sizeY, sizeZ] = shape as [number, number, number];
  const data = new Float32Array(sizeX * sizeY * sizeZ);
  const scaled = slope !== 1 || intercept !== 0;
  let at = 0;
  for (let z = 0; z < sizeZ; z++) {
    for (let y = 0; y < sizeY; y++) {
      let to = y * sizeZ + z;
      for (let x = 0; x < sizeX; x++, at += byteLength, to += sizeY * sizeZ) {
        const stored = get(view, at);
        const value = scaled ? stored * slope + intercept : stored;
        data[to] = Number.isNaN(value) ? 0 : value;
      }
    }
  }
  return data;
}
