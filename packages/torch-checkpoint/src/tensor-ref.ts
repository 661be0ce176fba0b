import { bytesPerElement, type DType } from "@voxplain/core";
import { damaged } from "./pickle-limits.ts";

/** Elements in a row, somewhere in the file, that tensors look at. */
export interface StorageRef {
  readonly kind: "storage";
  readonly key: string;
  readonly dtype: DType;
  /** Elements that the pickle says it has. */
  readonly length: number;
  /** A storage may be a part of another one (legacy files): elements to skip in that. */
  readonly offset: number;
}

/** A strided look at a storage; all in elements. */
export interface TensorRef {
  readonly kind: "tensor";
  readonly storage: StorageRef;
  readonly offset: number;
  readonly dims: readonly number[];
  readonly strides: readonly number[];
}

/** @throws VoxplainError `invalid-file` when the look leaves the storage. */
export function tensorRef(storage: unknown, offset: unknown, size: unknown, stride: unknown): TensorRef {
  if (!isStorageRef(storage)) throw damaged("a tensor in it has no storage");
  const dims = counts(size);
  const strides = counts(stride);
  const [start] = counts([offset]);
  if (dims.length !== strides.length) throw damaged("a tensor in it has malformed axes");
  // Without the axes of length 0, or the product of others could be infinite, and 0 · ∞ is no count.
  const filled = dims.filter((dim) => dim > 0);
  if (!Number.isSafeInteger(filled.reduce((count, dim) => count * dim, 1))) {
    throw damaged(`a tensor of shape [${dims.join(", ")}] is larger than any file`);
  }
  const last = dims.reduce((sum, dim, axis) => sum + (dim - 1) * strides[axis]!, start!);
  if (filled.length === dims.length && !(last < storage.length)) {
    throw damaged(
      `a tensor of shape [${dims.join(", ")}] reaches beyond its storage of ${storage.length} values`,
    );
  }
  return { kind: "tensor", storage, offset: start!, dims, strides };
}

/** An untyped storage, seen as elements of a type. */
export function retyped(storage: unknown, dtype: DType): StorageRef {
  const size = bytesPerElement(dtype);
  if (!isStorageRef(storage) || storage.dtype !== "uint8" || storage.offset % size !== 0) {
    throw damaged("a tensor in it has no untyped storage");
  }
  return { ...storage, dtype, length: Math.floor(storage.length / size), offset: storage.offset / size };
}

/** torch has no more than 64 axes. */
function counts(values: unknown): number[] {
  if (
    !Array.isArray(values) ||
    values.length > 64 ||
    !values.every((value) => Number.isSafeInteger(value) && value >= 0)
  ) {
    throw damaged("a tensor in it has a malformed shape");
  }
  return [...values];
}

function isStorageRef(value: unknown): value is StorageRef {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "storage";
}

export function isTensorRef(value: unknown): value is TensorRef {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "tensor";
}
