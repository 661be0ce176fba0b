import { gzipSync } from "node:zlib";
import { type Affine, elementCount, encodeNpy } from "@voxplain/core";
import { encodeNifti } from "@voxplain/writers";

/** An affine that no axis of which is a multiple of the identity's. */
const oblique: Affine = [
  [0, -2, 0, 30],
  [1.5, 0, 0, -20],
  [0, 0, 3, 7],
  [0, 0, 0, 1],
];

/** The same directions, elsewhere. */
export const elsewhere: Affine = [[0, -2, 0, 40], oblique[1], oblique[2], oblique[3]];

/** Intensities from 0 to 200, no two voxels alike. */
function intensities(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, k) => 100 + 100 * Math.sin(1 + 0.37 * k));
}

export function npy(...dims: readonly number[]): Uint8Array {
  return encodeNpy({ dtype: "float32", dims, data: intensities(elementCount(dims)) });
}

export function nifti(
  shape: readonly [number, number, number],
  affine: Affine | undefined = oblique,
): Uint8Array {
  return encodeNifti({ data: intensities(elementCount(shape)), shape, ...(affine && { affine }) });
}

/** Both codes 0, as programs write that know no position. */
export function withoutPosition(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy.fill(0, 252, 256);
  return copy;
}

/** A sform that gives no position, beside a qform of code 0. */
export function withBrokenAffine(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy.fill(0, 280, 328);
  return copy;
}

/** A file of several gzip members, as bgzip and pigz write them. */
export function gzipMembers(bytes: Uint8Array, count: number): Uint8Array {
  const size = Math.ceil(bytes.length / count);
  const members = Array.from({ length: count }, (_, k) => gzipSync(bytes.subarray(k * size, (k + 1) * size)));
  return Uint8Array.from(Buffer.concat(members));
}

export function withNaN(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setFloat32(copy.length - 4, Number.NaN, true);
  return copy;
}
