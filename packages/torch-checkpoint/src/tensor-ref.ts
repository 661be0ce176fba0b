import type { DType } from "@voxplain/core";
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
  if (typeof storage !== "object" || storage === null || (storage as StorageRef).kind !== "storage") {
    throw damaged("a tensor in it has no storage");
  }
  const { length } = storage as StorageRef;
  const dims = counts(size);
  const strides = counts(stride);
  const start = counts([offset])[0]!;
  if (dims.length !== strides.length || dims.length > 64) throw damaged("a tensor in it has odd axes");
  const empty = dims.some((dim) => dim === 0);
  const last = start + dims.reduce((sum, dim, axis) => sum + (dim - 1) * strides[axis]!, 0);
  if (!empty && !(last < length)) {
    throw damaged(`a tensor of shape [${dims.join(", ")}] reaches beyond its storage of ${length} values`);
  }
  return { kind: "tensor", storage: storage as StorageRef, offset: start, dims, strides };
}

function counts(values: unknown): number[] {
  if (!Array.isArray(values) || !values.every((value) => Number.isSafeInteger(value) && value >= 0)) {
    throw damaged("a tensor in it has an odd shape");
  }
  return [...values];
}

export function isTensorRef(value: unknown): value is TensorRef {
  return typeof value === "object" && value !== null && (value as TensorRef).kind === "tensor";
}
