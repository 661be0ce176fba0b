import { VoxplainError } from "./errors.ts";
import { gather } from "./strided.ts";
import {
  bytesPerElement,
  type DType,
  elementCount,
  fromBytes,
  rowMajorStrides,
  type Tensor,
  tensor,
  toBytes,
} from "./tensor.ts";

/** The element types that numpy and this package share, by numpy's codes without the byte order: "f4". */
export const numpyTypes: ReadonlyMap<string, DType> = new Map([
  ["f8", "float64"],
  ["f4", "float32"],
  ["f2", "float16"],
  ["i8", "int64"],
  ["i4", "int32"],
  ["i2", "int16"],
  ["i1", "int8"],
  ["u8", "uint64"],
  ["u4", "uint32"],
  ["u2", "uint16"],
  ["u1", "uint8"],
  ["b1", "bool"],
]);

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // "\x93NUMPY"
const version1 = [1, 0];
/** Before the header: the magic, the version, and the header's length. */
const preamble = magic.length + version1.length + 2;
const alignment = 64;
/** numpy leaves room for the first axis to grow to any 64-bit length without moving the data. */
const digitsToGrow = 21;
/** A header is a line of some dozen bytes. */
const longestHeader = 2 ** 16;

/**
 * The bytes of a `.npy` file, format 1.0, the same as numpy's `save` writes: float32, little-endian, C order,
 * data from a multiple of 64. Any rank.
 */
export function encodeNpy(tensor: Tensor<"float32">): Uint8Array {
  const header = headerOf(tensor.dims);
  const data = toBytes(tensor);
  const start = preamble + header.length;
  const file = new Uint8Array(start + data.byteLength);
  file.set([...magic, ...version1]);
  new DataView(file.buffer).setUint16(preamble - 2, header.length, true);
  file.set(new TextEncoder().encode(header), preamble);
  file.set(data, start);
  return file;
}

/** A Python literal, as numpy writes it, filled with spaces and a newline up to the data. */
function headerOf(dims: readonly number[]): string {
  const shape = dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(", ")})`;
  const room = dims.length === 0 ? 0 : Math.max(0, digitsToGrow - String(dims[0]).length);
  const literal = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }${" ".repeat(room)}`;
  const used = preamble + literal.length + 1;
  return `${literal}${" ".repeat(alignment - (used % alignment))}\n`;
}

/**
 * Reads an array that `numpy.save` wrote (format versions 1 to 3), in C or in Fortran order, of little-endian
 * numbers. The result is in C order.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @param file - For messages.
 * @throws VoxplainError `invalid-file` naming the file, `unsupported` for objects and other types.
 */
export function decodeNpy(bytes: Uint8Array, file: string): Tensor {
  const { dtype, dims, fortranOrder, start } = readNpyHeader(bytes, bytes.byteLength, file);
  const data = fromBytes(dtype, bytes.subarray(start));
  if (!fortranOrder) return tensor(dtype, dims, data);
  const columnMajor = rowMajorStrides(dims.toReversed()).toReversed();
  return tensor(dtype, dims, gather(dtype, data, dims, columnMajor));
}

/** What the header of a `.npy` file states. */
export interface NpyHeader {
  /** Element type. */
  readonly dtype: DType;
  /** Length of each axis. */
  readonly dims: readonly number[];
  /** Whether the first axis varies fastest in the file. */
  readonly fortranOrder: boolean;
  /** Byte at which the values begin. */
  readonly start: number;
}

/** Bytes that hold any header. */
export const npyHeaderBytes = preamble + 2 + longestHeader;

/**
 * The header alone, from the beginning of a file.
 * @param bytes - The first `npyHeaderBytes` bytes, or all where there are fewer.
 * @param byteLength - Of the whole file.
 * @param file - For messages.
 * @throws VoxplainError as `decodeNpy`.
 */
export function readNpyHeader(bytes: Uint8Array, byteLength: number, file: string): NpyHeader {
  const header = parseHeader(bytes, file);
  const { dtype, dims, start } = header;
  const size = elementCount(dims) * bytesPerElement(dtype);
  if (byteLength - start === size) return header;
  throw new VoxplainError("invalid-file", `the values of an array of [${dims.join(", ")}] are incomplete`, {
    file,
    expected: `${size} bytes`,
    found: `${byteLength - start}`,
  });
}

function parseHeader(bytes: Uint8Array, file: string): NpyHeader {
  const refuse = (what: string): never => {
    throw new VoxplainError("invalid-file", `not a .npy file: ${what}`, { file });
  };
  if (bytes.length < preamble || magic.some((byte, k) => bytes[k] !== byte)) refuse("wrong magic bytes");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFirst = bytes[magic.length] === 1;
  const at = isFirst ? preamble : preamble + 2;
  if (bytes.length < at) refuse("it ends early");
  const length = isFirst ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > longestHeader || at + length > bytes.length) refuse("its header does not fit");
  const header = new TextDecoder().decode(bytes.subarray(at, at + length));
  const [, order = "", code = ""] = /'descr'\s*:\s*'([<>|=])([a-zA-Z]\d+)'/.exec(header) ?? [];
  const [, fortran] = /'fortran_order'\s*:\s*(True|False)/.exec(header) ?? [];
  const [, shape] = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header) ?? [];
  const dtype = numpyTypes.get(code);
  if (dtype === undefined || order === ">") {
    throw new VoxplainError("unsupported", "the array is of a type that cannot be read", {
      file,
      expected: "little-endian real numbers",
      found: /'descr'\s*:\s*('[^']*'|\[.*?\])/.exec(header)?.[1] ?? header.trim().slice(0, 80),
      hint: 'save it as numbers, such as numpy.save(path, array.astype("float32"))',
    });
  }
  if (fortran === undefined || shape === undefined) return refuse("its header cannot be read");
  const dims = shape
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map(Number);
  if (!Number.isSafeInteger(elementCount(dims))) return refuse("its shape is beyond all memory");
  return { dtype, dims, fortranOrder: fortran === "True", start: at + length };
}
