/** The array that holds each element type. float16 and bfloat16 keep their raw bits. */
export interface TensorDataOf {
  /** 64-bit floats. */
  float64: Float64Array;
  /** 32-bit floats. */
  float32: Float32Array;
  /** Raw bits of IEEE half precision. */
  float16: Uint16Array;
  /** Raw bits: the upper half of a float32. */
  bfloat16: Uint16Array;
  /** Integers of 64 bits. */
  int64: BigInt64Array;
  /** Integers of 32 bits. */
  int32: Int32Array;
  /** Integers of 16 bits. */
  int16: Int16Array;
  /** Integers of 8 bits. */
  int8: Int8Array;
  /** Unsigned integers of 64 bits. */
  uint64: BigUint64Array;
  /** Unsigned integers of 32 bits. */
  uint32: Uint32Array;
  /** Unsigned integers of 16 bits. */
  uint16: Uint16Array;
  /** Unsigned integers of 8 bits. */
  uint8: Uint8Array;
  /** 0 or 1 each. */
  bool: Uint8Array;
}

/** Element type of a tensor, as ONNX calls it. */
export type DType = keyof TensorDataOf;

/** A dense array: row-major (last axis fastest), without gaps. */
export type Tensor<D extends DType = DType> = D extends DType ? TensorOf<D> : never;

/** A tensor of one element type. */
export interface TensorOf<D extends DType> {
  /** Element type. */
  readonly dtype: D;
  /** Length of each axis, the slowest first; [] for a scalar. */
  readonly dims: readonly number[];
  /** Row-major: the last axis varies fastest. */
  readonly data: TensorDataOf[D];
}

/** Tensors by the names a graph gives its inputs and outputs. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** A tensor that is somewhere else, say in a checkpoint, until it is asked for. */
export interface LazyTensor {
  /** Element type. */
  readonly dtype: DType;
  /** Length of each axis, the slowest first. */
  readonly dims: readonly number[];
  /** The whole tensor, row-major. */
  read(): Promise<Tensor>;
  /** The same values as little-endian bytes in pieces, so that they need not all be in memory. */
  chunks(): AsyncIterable<Uint8Array>;
  /**
   * Where a file of this machine has the very bytes that `chunks` gives, one after the other; undefined elsewhere. Whoever
   * reads them there has to run through `chunks` once: that finds out whether they are damaged.
   */
  readonly stored?: StoredBytes;
}

/** Bytes in a file of this machine. */
export interface StoredBytes {
  /** Path of the file itself, with all symbolic links resolved. */
  realPath(): Promise<string>;
  /** In bytes, from the start of the file. */
  readonly offset: number;
}

const arrays = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint64: BigUint64Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

/** Bytes that one element takes. */
export function bytesPerElement(dtype: DType): number {
  return arrays[dtype].BYTES_PER_ELEMENT;
}

/** Number of elements of a shape; 1 for a scalar (no axes). */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((count, length) => count * length, 1);
}

/** Elements to skip for one step along each axis of a row-major array. */
export function rowMajorStrides(dims: readonly number[]): number[] {
  let stride = 1;
  return dims.reduceRight<number[]>((strides, length) => {
    strides.unshift(stride);
    stride *= length;
    return strides;
  }, []);
}

/**
 * Puts data and shape together.
 * @throws RangeError when the shape does not hold as many elements as the data.
 */
export function tensor<D extends DType>(dtype: D, dims: readonly number[], data: TensorDataOf[D]): Tensor<D> {
  if (data.length !== elementCount(dims)) {
    throw new RangeError(
      `a tensor of shape [${dims.join(", ")}] needs ${elementCount(dims)} elements, not ${data.length}`,
    );
  }
  return { dtype, dims, data } as Tensor<D>;
}

/** An array of zeros for `length` elements of a type. */
export function allocate<D extends DType>(dtype: D, length: number): TensorDataOf[D] {
  return new arrays[dtype](length) as TensorDataOf[D];
}

/**
 * Sees bytes (little-endian) as elements; copies only where the bytes are not aligned.
 * @throws RangeError when the bytes are not a whole number of elements.
 */
export function fromBytes<D extends DType>(dtype: D, bytes: Uint8Array): TensorDataOf[D] {
  const TypedArray = arrays[dtype];
  const length = bytes.byteLength / TypedArray.BYTES_PER_ELEMENT;
  if (!Number.isInteger(length)) {
    throw new RangeError(`${bytes.byteLength} bytes are not a whole number of ${dtype} elements`);
  }
  // Not bytes.slice(), which of a Node Buffer is no copy.
  const aligned = bytes.byteOffset % TypedArray.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new TypedArray(aligned.buffer as ArrayBuffer, aligned.byteOffset, length) as TensorDataOf[D];
}

/** The bytes (little-endian) of a tensor, without a copy. */
export function toBytes(tensor: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = tensor.data;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A lazy tensor around one that is there already. */
export function eager(tensor: Tensor): LazyTensor {
  return {
    dtype: tensor.dtype,
    dims: tensor.dims,
    read: async () => tensor,
    async *chunks() {
      yield toBytes(tensor);
    },
  };
}
