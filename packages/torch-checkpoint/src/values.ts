import type { LazyTensor, Tensor } from "@voxplain/core";

/**
 * What a checkpoint can hold, as plain values. Python's dict (of any kind) is a Map, list, tuple and
 * set are arrays, integers beyond 2⁵³ are bigint, numpy scalars are numbers.
 */
export type CheckpointValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | LazyTensor
  | CheckpointArray
  | readonly CheckpointValue[]
  | ReadonlyMap<CheckpointValue, CheckpointValue>;

/** A numpy array. */
export interface CheckpointArray {
  /** Its elements, row-major. */
  readonly numpy: Tensor;
}
