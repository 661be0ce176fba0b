import { type DType, elementCount, fromBytes, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import { damaged } from "./pickle-limits.ts";

/** What numpy pickles of an element type: "f8" and the byte order. */
export interface NumpyDtype {
  readonly kind: "numpy dtype";
  readonly dtype: DType;
  littleEndian: boolean;
}

/** An array between its making and its filling. */
export interface NumpyArray {
  readonly kind: "numpy array";
  value: Tensor | undefined;
}

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

/** `numpy.dtype("f8", …)`. */
export function numpyDtype(name: unknown): NumpyDtype {
  const dtype = typeof name === "string" ? dtypes[name.replace(/^[<>=|]/, "")] : undefined;
  if (dtype === undefined) {
    throw new VoxplainError(
      "unsupported",
      `it holds a numpy array of the type ${String(name)}, which is not supported`,
    );
  }
  return { kind: "numpy dtype", dtype, littleEndian: !(name as string).startsWith(">") };
}

/** The state of a dtype: (version, byte order, …). */
export function setDtypeState(dtype: NumpyDtype, state: unknown): void {
  if (Array.isArray(state)) dtype.littleEndian = state[1] !== ">";
}

/** `numpy.core.multiarray.scalar(dtype, bytes)`. */
export function numpyScalar(dtype: unknown, bytes: unknown): number | bigint | boolean {
  const { data } = arrayOf(dtype, [], bytes);
  const value = data[0]!;
  if ((dtype as NumpyDtype).dtype === "bool") return value !== 0;
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

export function numpyArray(): NumpyArray {
  return { kind: "numpy array", value: undefined };
}

/** The state of an array: (version, shape, dtype, Fortran order, bytes). */
export function setArrayState(array: NumpyArray, state: unknown): void {
  if (!Array.isArray(state) || !Array.isArray(state[1])) throw damaged("a numpy array in it has no content");
  const dims = state[1].map((length: unknown) => {
    if (!Number.isSafeInteger(length) || (length as number) < 0)
      throw damaged("a numpy array in it has an odd shape");
    return length as number;
  });
  const columns = state[3] === true && dims.length > 1;
  const stored = arrayOf(state[2], columns ? [...dims].reverse() : dims, state[4]);
  array.value = columns ? reversedAxes(stored) : stored;
}

function arrayOf(dtype: unknown, dims: readonly number[], bytes: unknown): Tensor {
  if (!isDtype(dtype) || !(bytes instanceof Uint8Array))
    throw damaged("a numpy value in it has no type or no bytes");
  if (bytes.byteLength !== elementCount(dims) * fromBytes(dtype.dtype, new Uint8Array()).BYTES_PER_ELEMENT) {
    throw damaged(`a numpy array of shape [${dims.join(", ")}] in it has ${bytes.byteLength} bytes`);
  }
  const native = dtype.littleEndian
    ? bytes.slice()
    : swapBytes(bytes, bytes.byteLength / Math.max(1, elementCount(dims)));
  return tensor(dtype.dtype, dims, fromBytes(dtype.dtype, native) as never);
}

/** Exchanges the ends of each element; a copy. */
export function swapBytes(bytes: Uint8Array, elementBytes: number): Uint8Array {
  const swapped = bytes.slice();
  for (let at = 0; at + elementBytes <= swapped.length; at += elementBytes)
    swapped.subarray(at, at + elementBytes).reverse();
  return swapped;
}

/** Row-major values of the transposed array. */
function reversedAxes({ dtype, dims, data }: Tensor): Tensor {
  const result = data.slice();
  const target = [...dims].reverse();
  const index = new Array<number>(dims.length).fill(0);
  for (let k = 0; k < data.length; k++) {
    let to = 0;
    for (let axis = dims.length - 1, stride = 1; axis >= 0; axis--) {
      to += index[dims.length - 1 - axis]! * stride;
      stride *= target[axis]!;
    }
    result[to] = data[k]!;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < dims[axis]!) break;
      index[axis] = 0;
    }
  }
  return tensor(dtype, target, result as never);
}

export function isDtype(value: unknown): value is NumpyDtype {
  return typeof value === "object" && value !== null && (value as NumpyDtype).kind === "numpy dtype";
}

export function isArray(value: unknown): value is NumpyArray {
  return typeof value === "object" && value !== null && (value as NumpyArray).kind === "numpy array";
}
