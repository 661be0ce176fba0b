import {
  bytesPerElement,
  elementCount,
  float32Values,
  fromBytes,
  gather,
  swapBytes,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";
import { isNumpyDtype } from "./numpy-dtype.ts";
import { damaged } from "./pickle-limits.ts";

/** An array between its making and its filling. */
export interface NumpyArray {
  readonly kind: "numpy array";
  value: Tensor | undefined;
}

/** `numpy.core.multiarray.scalar(dtype, bytes)`. */
export function numpyScalar([dtype, bytes]: readonly unknown[]): number | bigint | boolean | string {
  const scalar = filled(dtype, [], bytes, false);
  // Numbers of 4 bytes, or bytes: in either case what is 0 is no letter.
  if (isNumpyDtype(dtype) && dtype.textBytes !== undefined) {
    const codes = Array.from(scalar.data as Uint8Array);
    return String.fromCharCode(...codes.filter((code) => code !== 0).slice(0, longestText));
  }
  const [value = 0] = scalar.dtype === "float16" ? float32Values(scalar) : scalar.data;
  if (scalar.dtype === "bool") return value !== 0;
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** `numpy.core.multiarray._reconstruct(…)`: an array that a state fills. */
export function numpyArray(): NumpyArray {
  return { kind: "numpy array", value: undefined };
}

/** Texts are names and descriptions; the rest of a longer one is left out. */
const longestText = 4096;

/** The state of an array: (version, shape, dtype, Fortran order, bytes). */
export function setArrayState(array: NumpyArray, state: unknown): void {
  if (!Array.isArray(state)) throw damaged("a numpy array in it has no content");
  array.value = filled(state[2], state[1], state[4], state[3] === true);
}

/** `numpy.core.numeric._frombuffer(bytes, dtype, shape, order)`, of pickle protocol 5. */
export function numpyFromBuffer([bytes, dtype, shape, order, axes]: readonly unknown[]): NumpyArray {
  if ((order !== "C" && order !== "F") || (axes !== undefined && axes !== null)) {
    throw new VoxplainError(
      "unsupported",
      "it holds a numpy array whose axes are stored in an unusual order",
    );
  }
  return { kind: "numpy array", value: filled(dtype, shape, bytes, order === "F") };
}

/** A copy of the bytes as an array, row by row; `columns` where they are stored column by column. */
function filled(dtype: unknown, shape: unknown, bytes: unknown, columns: boolean): Tensor {
  if (!isNumpyDtype(dtype) || !(bytes instanceof Uint8Array))
    throw damaged("a numpy value in it has no type or no bytes");
  const dims = [...shapeOf(shape), ...(dtype.textBytes === undefined ? [] : [dtype.textBytes])];
  const size = bytesPerElement(dtype.dtype);
  if (bytes.byteLength !== elementCount(dims) * size) {
    throw damaged(`a numpy array of shape [${dims.join(", ")}] in it has ${bytes.byteLength} bytes`);
  }
  const native = dtype.littleEndian ? new Uint8Array(bytes) : swapBytes(bytes, size);
  const values = fromBytes(dtype.dtype, native);
  if (!columns) return tensor(dtype.dtype, dims, values);
  const strides = dims.map((_, axis) => elementCount(dims.slice(0, axis)));
  return tensor(dtype.dtype, dims, gather(dtype.dtype, values, dims, strides));
}

/** numpy has no more than 64 axes. */
function shapeOf(shape: unknown): number[] {
  if (
    !Array.isArray(shape) ||
    shape.length > 64 ||
    !shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0)
  ) {
    throw damaged("a numpy array in it has a malformed shape");
  }
  return [...shape];
}

export function isNumpyArray(value: unknown): value is NumpyArray {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "numpy array";
}
