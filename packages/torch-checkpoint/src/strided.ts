import { allocate, type DType, elementCount, rowMajorStrides, type TensorDataOf } from "@voxplain/core";

/** True where walking over the values row by row walks through memory step by step. */
export function isContiguous(dims: readonly number[], strides: readonly number[]): boolean {
  const expected = rowMajorStrides(dims);
  return dims.every((dim, axis) => dim === 1 || strides[axis] === expected[axis]);
}

/** Collects strided values (the first of them at 0) in row-major order. */
export function gather<D extends DType>(
  dtype: D,
  values: TensorDataOf[D],
  dims: readonly number[],
  strides: readonly number[],
): TensorDataOf[D] {
  const result = allocate(dtype, elementCount(dims));
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
  return result;
}
