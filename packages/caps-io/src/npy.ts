import {
  allocate,
  type DType,
  elementCount,
  fromBytes,
  rowMajorStrides,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";

/** numpy's type codes, without the byte order. */
const dtypes: Readonly<Record<string, DType>> = {
  f8: "float64",
  f4: "float32",
  f2: "float16",
  i8: "int64",
  i4: "int32",
  i2: "int16",
  i1: "int8",
  u8: "uint64",
  u4: "uint32",
  u2: "uint16",
  u1: "uint8",
  b1: "bool",
};

/** A header is a line of some dozen bytes. */
const longestHeader = 2 ** 16;

/**
 * Reads an array that `numpy.save` wrote (format versions 1 to 3), in C or in Fortran order, of little-endian
 * numbers. The result is in C order.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @throws VoxplainError `invalid-file` naming the file, `unsupported` for objects and other types.
 */
export function decodeNpy(bytes: Uint8Array, name: string): Tensor {
  const { dtype, dims, fortranOrder, start } = readHeader(bytes, name);
  const content = bytes.subarray(start);
  const count = elementCount(dims);
  const expected = count * allocate(dtype, 0).BYTES_PER_ELEMENT;
  if (content.byteLength !== expected) {
    throw new VoxplainError(
      "invalid-file",
      `${name} should hold ${expected} bytes of values, an array of [${dims.join(", ")}], but holds ${content.byteLength}`,
    );
  }
  const data = fromBytes(dtype, content);
  if (!fortranOrder || dims.length < 2) return tensor(dtype, dims, data);
  const reordered = allocate(dtype, count);
  const columnMajor = rowMajorStrides(dims.toReversed()).toReversed();
  const rowMajor = rowMajorStrides(dims);
  for (let to = 0; to < count; to++) {
    let from = 0;
    for (let axis = 0; axis < dims.length; axis++) {
      from += (Math.floor(to / rowMajor[axis]!) % dims[axis]!) * columnMajor[axis]!;
    }
    reordered[to] = data[from]!;
  }
  return tensor(dtype, dims, reordered);
}

function readHeader(bytes: Uint8Array, name: string) {
  const refuse = (what: string): never => {
    throw new VoxplainError("invalid-file", `${name} is no array that numpy saved: ${what}`);
  };
  const magic = [0x93, ...new TextEncoder().encode("NUMPY")];
  if (bytes.length < 10 || magic.some((byte, k) => bytes[k] !== byte)) refuse("it begins otherwise");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFirst = bytes[6] === 1;
  const at = isFirst ? 10 : 12;
  if (bytes.length < at) refuse("it ends early");
  const length = isFirst ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > longestHeader || at + length > bytes.length) refuse("its header does not fit");
  const header = new TextDecoder().decode(bytes.subarray(at, at + length));
  const [, order = "", code = ""] = /'descr'\s*:\s*'([<>|=])([a-zA-Z]\d+)'/.exec(header) ?? [];
  const [, fortran] = /'fortran_order'\s*:\s*(True|False)/.exec(header) ?? [];
  const [, shape] = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header) ?? [];
  const dtype = dtypes[code];
  if (dtype === undefined || order === ">") {
    throw new VoxplainError(
      "unsupported",
      `${name} holds ${header.trim().slice(0, 80)}; arrays of little-endian numbers can be read`,
    );
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
