import {
  bytesPerElement,
  type DType,
  elementCount,
  fromBytes,
  type LazyTensor,
  type RangeReader,
  rowMajorStrides,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";
import { swapBytes } from "./numpy.ts";
import type { TensorRef } from "./tensor-ref.ts";

/** Where the bytes of a storage lie in the file. */
export interface StoragePlace {
  readonly offset: number;
  readonly littleEndian: boolean;
}

const chunkBytes = 4 * 2 ** 20;
/** An expanded tensor repeats few stored values; more than this is no weight of any network. */
const mostElements = 2 ** 31;

/** A tensor that reads its part of the file when it is asked for. */
export function lazyTensor(reader: RangeReader, ref: TensorRef, place: StoragePlace): LazyTensor {
  const { dims } = ref;
  const { dtype } = ref.storage;
  const size = bytesPerElement(dtype);
  const start = place.offset + (ref.storage.offset + ref.offset) * size;
  const count = elementCount(dims);
  const contiguous = isContiguous(ref);

  async function bytesAt(offset: number, length: number): Promise<Uint8Array> {
    const bytes = await reader.read(offset, length);
    return place.littleEndian || size === 1 ? bytes : swapBytes(bytes, size);
  }

  async function read(): Promise<Tensor> {
    if (count > mostElements) {
      throw new VoxplainError(
        "invalid-file",
        `a tensor of shape [${dims.join(", ")}] is larger than any that can be read`,
      );
    }
    if (count === 0) return tensor(dtype, dims, fromBytes(dtype, new Uint8Array()) as never);
    if (contiguous) return tensor(dtype, dims, fromBytes(dtype, await bytesAt(start, count * size)) as never);
    const span = dims.reduce((sum, dim, axis) => sum + (dim - 1) * ref.strides[axis]!, 1);
    return gather(dtype, ref, fromBytes(dtype, await bytesAt(start, span * size)));
  }

  return {
    dtype,
    dims,
    read,
    async *chunks() {
      if (!contiguous || count === 0) {
        const { data } = await read();
        yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        return;
      }
      for (let done = 0; done < count * size; done += chunkBytes) {
        yield await bytesAt(start + done, Math.min(chunkBytes, count * size - done));
      }
    },
  };
}

function isContiguous({ dims, strides }: TensorRef): boolean {
  const expected = rowMajorStrides(dims);
  return dims.every((dim, axis) => dim === 1 || strides[axis] === expected[axis]);
}

/** Collects strided values in row-major order. */
function gather(dtype: DType, { dims, strides }: TensorRef, values: Tensor["data"]): Tensor {
  const result = new (values.constructor as new (length: number) => Tensor["data"])(elementCount(dims));
  const index = new Array<number>(dims.length).fill(0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from]!;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      from += strides[axis]!;
      if (index[axis]! < dims[axis]!) break;
      from -= strides[axis]! * dims[axis]!;
      index[axis] = 0;
    }
  }
  return tensor(dtype, dims, result as never);
}
