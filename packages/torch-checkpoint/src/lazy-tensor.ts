import {
  bytesPerElement,
  elementCount,
  fromBytes,
  gather,
  type LazyTensor,
  rowMajorStrides,
  swapBytes,
  type Tensor,
  tensor,
  toBytes,
  VoxplainError,
} from "@voxplain/core";
import type { StorageBytes } from "./storage-bytes.ts";
import type { TensorRef } from "./tensor-ref.ts";

const chunkBytes = 2 ** 22;
/** What is read in one piece: systems refuse reads of 2 GiB. */
const pieceBytes = 2 ** 28;
/** What is given in one array. */
const mostBytes = 2 ** 32;
/** A tensor may repeat stored values (by a stride of 0): beyond this many, a few bytes could fill the memory. */
const mostRepeated = 2 ** 24;

/** True where walking over the values row by row walks through memory step by step. */
function isContiguous(dims: readonly number[], strides: readonly number[]): boolean {
  const expected = rowMajorStrides(dims);
  return dims.every((dim, axis) => dim === 1 || strides[axis] === expected[axis]);
}

/** A tensor that reads its part of the file when it is asked for. */
export function lazyTensor(bytes: StorageBytes, ref: TensorRef, littleEndian: boolean): LazyTensor {
  const { dims, strides, storage } = ref;
  const { dtype } = storage;
  const size = bytesPerElement(dtype);
  const start = (storage.offset + ref.offset) * size;
  const count = elementCount(dims);
  const contiguous = count === 0 || isContiguous(dims, strides);

  const ordered = (stored: Uint8Array) => (littleEndian || size === 1 ? stored : swapBytes(stored, size));

  async function* pieces(length: number, pieceLength: number): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes.pieces(start, length, pieceLength)) yield ordered(piece);
  }

  async function values(elements: number) {
    const length = elements * size;
    if (length > mostBytes || count > Math.max(storage.length, mostRepeated)) {
      throw new VoxplainError(
        "unsupported",
        `a tensor of shape [${dims.join(", ")}] of ${dtype} is larger than what can be read at once (4 GiB, or 2^24 repeated values)`,
      );
    }
    if (length === 0) return fromBytes(dtype, new Uint8Array());
    if (length <= pieceBytes) return fromBytes(dtype, ordered(await bytes.read(start, length)));
    const whole = new Uint8Array(length);
    let done = 0;
    for await (const piece of pieces(length, pieceBytes)) {
      whole.set(piece, done);
      done += piece.length;
    }
    return fromBytes(dtype, whole);
  }

  async function read(): Promise<Tensor> {
    if (contiguous) return tensor(dtype, dims, await values(count));
    const span = dims.reduce((sum, dim, axis) => sum + (dim - 1) * strides[axis]!, 1);
    return tensor(dtype, dims, gather(dtype, await values(span), dims, strides));
  }

  const { stored } = bytes;
  return {
    dtype,
    dims,
    read,
    ...(stored &&
      contiguous &&
      (littleEndian || size === 1) && {
        stored: { realPath: stored.realPath, offset: stored.offset + start },
      }),
    async *chunks() {
      if (contiguous) yield* pieces(count * size, chunkBytes);
      else yield toBytes(await read());
    },
  };
}
