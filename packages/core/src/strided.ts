import { allocate, type DType, elementCount, type TensorDataOf } from "./tensor.ts";

/**
 * Collects values that are `strides` apart along each axis (the first of them at 0) in row-major order.
 * @throws RangeError where strides lead out of the values.
 */
export function gather<D extends DType>(
  dtype: D,
  values: TensorDataOf[D],
  dims: readonly number[],
  strides: readonly number[],
): TensorDataOf[D] {
  const result = allocate(dtype, elementCount(dims));
  const last = dims.reduce((sum, length, axis) => sum + (length - 1) * (strides[axis] ?? 0), 0);
  if (result.length > 0 && last >= values.length) {
    throw new RangeError(`strides [${strides.join(", ")}] lead out of ${values.length} values`);
  }
  // The innermost axis is a plain loop; the others count like the digits of a number.
  const inner = dims.at(-1) ?? 1;
  const step = strides.at(-1) ?? 0;
  const outer = dims.slice(0, -1).map((length, axis) => ({ length, stride: strides[axis] ?? 0, index: 0 }));
  outer.reverse();
  let from = 0;
  for (let to = 0; to < result.length; ) {
    for (let k = 0; k < inner; k++) result[to++] = values[from + k * step]!;
    for (const axis of outer) {
      axis.index++;
      from += axis.stride;
      if (axis.index < axis.length) break;
      from -= axis.stride * axis.length;
      axis.index = 0;
    }
  }
  return result;
}
