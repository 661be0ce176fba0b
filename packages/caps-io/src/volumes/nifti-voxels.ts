import { type DType, fromBytes, memoryFor, swapBytes, VoxplainError } from "@voxplain/core";

/** 74 times the images of t1-linear. */
export const mostVoxels = 2 ** 29;

export interface Scaling {
  readonly slope: number;
  readonly intercept: number;
}

/** NIfTI's data type codes. */
const dtypes: Readonly<Record<number, DType>> = {
  2: "uint8",
  4: "int16",
  8: "int32",
  16: "float32",
  64: "float64",
  256: "int8",
  512: "uint16",
  768: "uint32",
  1024: "int64",
  1280: "uint64",
};

const unsupportedTypes: Readonly<Record<number, string>> = {
  1: "bits",
  32: "complex numbers",
  128: "colours (RGB)",
  1536: "float128 values",
  1792: "complex numbers",
  2048: "complex numbers",
  2304: "colours (RGBA)",
};

/** @throws VoxplainError `unsupported` for colours, complex numbers and what the standard does not know. */
export function voxelType(code: number, name: string): DType {
  const dtype = dtypes[code];
  if (dtype !== undefined) return dtype;
  const what = unsupportedTypes[code] ?? `values of the unknown type ${code}`;
  throw new VoxplainError("unsupported", "voxels of this type cannot be read", {
    file: name,
    expected: "integers, float32 or float64",
    found: what,
  });
}

/** Stored values as numbers. Copies only what has the other byte order or is not aligned. */
export function storedValues(dtype: DType, bytes: Uint8Array, littleEndian: boolean): ArrayLike<number> {
  const values = fromBytes(dtype, bytes);
  const native = littleEndian ? values : fromBytes(dtype, swapBytes(bytes, values.BYTES_PER_ELEMENT));
  if (native instanceof BigInt64Array || native instanceof BigUint64Array) {
    return Float64Array.from(native as ArrayLike<bigint>, Number);
  }
  return native;
}

/** Voxels along x and along z that are moved together, so that both sides stay in the cache. */
const tile = 32;

/**
 * From x fastest, as on disk, to z fastest over [X, Y, Z]. Values are scaled in float64 and rounded
 * to float32 once, as nibabel does; NaN becomes `missing`, and is counted.
 * @throws VoxplainError `invalid-file` naming the file where the voxels do not fit into memory.
 */
export function rowMajor(
  stored: ArrayLike<number>,
  [sizeX, sizeY, sizeZ]: readonly [number, number, number],
  { slope, intercept }: Scaling,
  missing: number,
  name: string,
): { readonly data: Float32Array; readonly notANumber: number } {
  const data = new Float32Array(memoryFor(4 * sizeX * sizeY * sizeZ, name));
  let notANumber = 0;
  const plane = sizeX * sizeY;
  for (let y = 0; y < sizeY; y++) {
    for (let fromX = 0; fromX < sizeX; fromX += tile) {
      const toX = Math.min(fromX + tile, sizeX);
      for (let fromZ = 0; fromZ < sizeZ; fromZ += tile) {
        const toZ = Math.min(fromZ + tile, sizeZ);
        for (let x = fromX; x < toX; x++) {
          const row = (x * sizeY + y) * sizeZ;
          for (let z = fromZ; z < toZ; z++) {
            const value = stored[z * plane + y * sizeX + x]! * slope + intercept;
            if (Number.isNaN(value)) {
              notANumber++;
              data[row + z] = missing;
            } else data[row + z] = value;
          }
        }
      }
    }
  }
  return { data, notANumber };
}
