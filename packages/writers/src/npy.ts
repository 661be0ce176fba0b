import type { Tensor } from "@voxplain/core";
import { toBytes } from "@voxplain/core";

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]; // "\x93NUMPY", format 1.0
const preamble = magic.length + 2; // and the header's length
const alignment = 64;
/** numpy leaves room for the first axis to grow to any 64-bit length without moving the data. */
const digitsToGrow = 21;

/**
 * The bytes of a `.npy` file, format 1.0, the same as numpy's `save` writes: float32, little-endian, C order,
 * data from a multiple of 64. Any rank.
 */
export function encodeNpy(tensor: Tensor<"float32">): Uint8Array {
  const header = headerOf(tensor.dims);
  const data = toBytes(tensor);
  const start = preamble + header.length;
  const file = new Uint8Array(start + data.byteLength);
  file.set(magic);
  new DataView(file.buffer).setUint16(magic.length, header.length, true);
  file.set(new TextEncoder().encode(header), preamble);
  file.set(data, start);
  return file;
}

/** A Python literal, as numpy spells it, filled with spaces and a newline up to the data. */
function headerOf(dims: readonly number[]): string {
  const shape = dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(", ")})`;
  const room = dims.length === 0 ? 0 : Math.max(0, digitsToGrow - String(dims[0]).length);
  const literal = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }${" ".repeat(room)}`;
  const used = preamble + literal.length + 1;
  return `${literal}${" ".repeat(alignment - (used % alignment))}\n`;
}
