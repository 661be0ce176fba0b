import { type Gzip, type Volume, VoxplainError, voxelSizes } from "@voxplain/core";
import { orientation } from "./nifti-orientation.ts";
import { toColumnMajor } from "./storage-order.ts";

/** What stands in the header beside the geometry. */
export interface NiftiOptions {
  /** What the file holds, in at most 79 bytes of UTF-8; the rest is cut off. */
  readonly description?: string;
}

/** A volume of numbers of any of the types that are written: maps are float32, labels int32, masks uint8. */
export interface StoredVolume extends Omit<Volume, "data"> {
  /** Row-major: Z varies fastest. The file has the type of this array. */
  readonly data: Float32Array | Int32Array | Uint8Array;
}

const headerLength = 348;
const dataOffset = 352;
const millimetres = 2;
const alignedToOtherFile = 2;

/**
 * The bytes of a NIfTI-1 file (`.nii`): float32 (int32 and uint8 of labels and masks), axes [X, Y, Z] with X fastest, in mm. The affine is the
 * sform (code 2, "aligned"); the qform has code 0 and the nearest rotation, as nibabel's
 * `Nifti1Image(data, affine)` writes them, and every other byte is nibabel's too, except for the unit, which
 * nibabel leaves unknown.
 * @throws VoxplainError `invalid-argument` for an affine that cannot be inverted, an axis without voxels or
 * longer than 32767 (the format's limit), or data that does not fill the shape.
 */
export function encodeNifti(volume: StoredVolume, options: NiftiOptions = {}): Uint8Array {
  checkVolume(volume);
  const file = new Uint8Array(dataOffset + volume.data.byteLength);
  writeHeader(new DataView(file.buffer, 0, headerLength), volume);
  file.set(new TextEncoder().encode(options.description ?? "").subarray(0, 79), field.description);
  file.set(new TextEncoder().encode("n+1"), field.magic);
  toColumnMajor(volume.data, volume.shape, storageOf(volume.data, file.buffer));
  return file;
}

/** The same, compressed (`.nii.gz`). */
export async function encodeNiftiGz(
  volume: StoredVolume,
  gzip: Gzip,
  options?: NiftiOptions,
): Promise<Uint8Array> {
  return gzip(encodeNifti(volume, options));
}

/** Byte offsets, https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h */
const field = {
  dim: 40,
  datatype: 70,
  bitpix: 72,
  pixdim: 76,
  voxOffset: 108,
  slope: 112,
  units: 123,
  description: 148,
  sformCode: 254,
  quaternion: 256,
  quaternionOffset: 268,
  sform: 280,
  magic: 344,
} as const;

/** NIfTI's code of each type, and its bits. */
function typeOf(data: StoredVolume["data"]): readonly [code: number, bits: number] {
  if (data instanceof Float32Array) return [16, 32];
  return data instanceof Int32Array ? [8, 32] : [2, 8];
}

function storageOf(data: StoredVolume["data"], buffer: ArrayBuffer): StoredVolume["data"] {
  if (data instanceof Float32Array) return new Float32Array(buffer, dataOffset);
  return data instanceof Int32Array ? new Int32Array(buffer, dataOffset) : new Uint8Array(buffer, dataOffset);
}

function writeHeader(view: DataView, { data, shape, affine }: StoredVolume): void {
  const int16s = (offset: number, values: readonly number[]) => {
    for (const [n, value] of values.entries()) view.setInt16(offset + 2 * n, value, true);
  };
  const float32s = (offset: number, values: readonly number[]) => {
    for (const [n, value] of values.entries()) view.setFloat32(offset + 4 * n, value, true);
  };
  const { handedness, quaternion } = orientation(affine);
  const [code, bits] = typeOf(data);
  view.setInt32(0, headerLength, true);
  int16s(field.dim, [3, ...shape, 1, 1, 1, 1]);
  int16s(field.datatype, [code]);
  int16s(field.bitpix, [bits]);
  float32s(field.pixdim, [handedness, ...voxelSizes(affine), 1, 1, 1, 1]);
  float32s(field.voxOffset, [dataOffset]);
  float32s(field.slope, [1, 0]);
  view.setUint8(field.units, millimetres);
  int16s(field.sformCode, [alignedToOtherFile]);
  float32s(field.quaternion, quaternion);
  float32s(field.quaternionOffset, [affine[0][3], affine[1][3], affine[2][3]]);
  float32s(field.sform, affine.slice(0, 3).flat());
}

function checkVolume({ data, shape }: StoredVolume): void {
  const dims = `[${shape.join(", ")}]`;
  if (shape.some((length) => !Number.isInteger(length) || length < 1 || length > 32767)) {
    throw new VoxplainError(
      "invalid-argument",
      `a NIfTI-1 axis has 1 to 32767 voxels, but the map is ${dims}`,
    );
  }
  if (data.length !== shape[0] * shape[1] * shape[2]) {
    throw new VoxplainError(
      "invalid-argument",
      `a map of shape ${dims} needs ${shape[0] * shape[1] * shape[2]} values, not ${data.length}`,
    );
  }
}
